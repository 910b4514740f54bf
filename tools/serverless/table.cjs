"use strict";

/**
 * Checks of the table: what CloudFormation would do with it, and whether the code can read its indexes.
 *
 * The functions call nothing, and return an error message or undefined. The template of a stack that does not exist is
 * {}. The code reads the indexes that the roles in its template may query (infra/role.yml).
 *
 * @typedef {Object<string, *>} Template
 */

const TABLE = /^AWS::DynamoDB::(Global)?Table$/;

/**
 * Check the changes of the table.
 *
 * CloudFormation replaces a table with another logical id, type, name or key. It creates or deletes one index in an
 * update, and does not wait until a new index can be read.
 *
 * @param {Template} live
 * @param {Template} next
 * @returns {string | undefined}
 */
function tableError(live, next) {
  const [before, after] = [tablesOf(live), tablesOf(next)];
  if (isDeployed(live) && !Object.keys(before).length) {
    return "The stack has no table, and this deployment would create an empty one: first complete the import of a table.";
  }
  for (const [id, old] of Object.entries(before)) {
    const now = after[id];
    if (now?.Type !== old.Type || identity(now) !== identity(old)) {
      return `This deployment would replace the table ${id}: its logical id, type, name and key cannot change.`;
    }
    const error = changeError(difference(indexesOf(old), indexesOf(now)), readersOf(live), readersOf(next));
    if (error) return error;
    const replicas = difference(replicasOf(old), replicasOf(now));
    if (replicas.added.length + replicas.removed.length > 1) return "Only one replica can change in a deployment.";
  }
}

function changeError({ added, removed, changed }, liveReaders, nextReaders) {
  const all = [...added, ...removed];
  const early = added.find((index) => reads(nextReaders, index));
  const late = removed.find((index) => reads([...liveReaders, ...nextReaders], index));
  const checks = [
    [changed[0], `The keys and projection of the index ${changed[0]} cannot change: add an index with another name.`],
    [all.length > 1, `Only one index can change in a deployment, and this one adds or deletes ${all.join(", ")}.`],
    [early, `This deployment adds the index ${early} and code that reads it: deploy the index first, then the code.`],
    [late, `The code still reads the index ${late}, which this deployment deletes: first deploy code that does not.`],
  ];
  return checks.find(([failed]) => failed)?.[1];
}

/**
 * Check the state of the table that the function will use.
 *
 * @param {string} name
 * @param {Object<string, *> | undefined} table its description by DynamoDB; undefined if it does not exist.
 * @param {Template} live
 * @param {Template} next
 * @returns {string | undefined}
 */
function stateError(name, table, live, next) {
  if (!table) return `The table ${name} does not exist.`;
  // MiniStack reports no IndexStatus.
  const states = (table.GlobalSecondaryIndexes ?? []).map((each) => [each.IndexName, each.IndexStatus ?? "ACTIVE"]);
  const indexes = Object.fromEntries(states);
  const readers = readersOf(next);
  const missing = readers.find((reader) => !reader.includes("*") && !(reader in indexes));
  if (missing) return `The code reads the index ${missing}, which the table ${name} does not have.`;
  const isChanged = JSON.stringify(tablesOf(live)) !== JSON.stringify(tablesOf(next));
  const busy = Object.keys(indexes).find(
    (index) => indexes[index] !== "ACTIVE" && (isChanged || reads(readers, index)),
  );
  if (busy) return `The index ${busy} of the table ${name} is ${indexes[busy]}: wait until it is ACTIVE.`;
  if (!(isChanged ? ["ACTIVE"] : ["ACTIVE", "UPDATING"]).includes(table.TableStatus)) {
    return `The table ${name} is ${table.TableStatus}: wait until it is ACTIVE.`;
  }
}

/** Return whether the stack has a function. The first deployment begins with a stack that has only the bucket. */
function isDeployed({ Resources }) {
  return Object.values(Resources ?? {}).some(({ Type }) => Type === "AWS::Lambda::Function");
}

/** Return the tables of a template, by logical id. */
function tablesOf({ Resources }) {
  return Object.fromEntries(Object.entries(Resources ?? {}).filter(([, { Type }]) => TABLE.test(Type)));
}

/** Return what CloudFormation cannot change without a new table. */
function identity({ Properties: { TableName, KeySchema, AttributeDefinitions, LocalSecondaryIndexes } }) {
  return JSON.stringify([TableName, keys(KeySchema, AttributeDefinitions), LocalSecondaryIndexes]);
}

/** Return the keys and the projection of each index, by name. */
function indexesOf({ Properties: { GlobalSecondaryIndexes, AttributeDefinitions } }) {
  const indexes = (GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => [
    IndexName,
    JSON.stringify([
      keys(KeySchema, AttributeDefinitions),
      Projection?.ProjectionType,
      [...(Projection?.NonKeyAttributes ?? [])].sort(),
    ]),
  ]);
  return Object.fromEntries(indexes);
}

/** Return the names, roles and types of the attributes of a key. */
function keys(schema, definitions) {
  const types = Object.fromEntries((definitions ?? []).map((each) => [each.AttributeName, each.AttributeType]));
  return (schema ?? []).map(({ AttributeName, KeyType }) => [AttributeName, KeyType, types[AttributeName]]);
}

function replicasOf({ Properties: { Replicas } }) {
  return Object.fromEntries((Replicas ?? []).map(({ Region }) => [JSON.stringify(Region), ""]));
}

function difference(old, now) {
  return {
    added: Object.keys(now).filter((name) => !(name in old)),
    removed: Object.keys(old).filter((name) => !(name in now)),
    changed: Object.keys(old).filter((name) => name in now && now[name] !== old[name]),
  };
}

/** Return the names of the indexes that the roles of a template may query; they can contain *. */
function readersOf({ Resources }) {
  const roles = Object.values(Resources ?? {}).filter(({ Type }) => Type.startsWith("AWS::IAM::"));
  return [...new Set([...JSON.stringify(roles).matchAll(/\/index\/([^"]+)"/g)].map(([, name]) => name))];
}

function reads(readers, index) {
  return readers.some((reader) => new RegExp(`^${reader.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(index));
}

module.exports = { tableError, stateError };
