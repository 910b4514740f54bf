// The life of a cat, with a client that openapi-typescript generates: see docs/quickstart.md#typed-clients.
import createClient from "openapi-fetch";
import type { components, paths } from "./clowder.js";

type Cat = components["schemas"]["Cat"];
type CatPatch = components["schemas"]["CatPatch"];
type Problem = components["schemas"]["Problem"];

function assert(condition: boolean): asserts condition {
  if (!condition) throw new Error("The API does not behave like this example.");
}

/** Return the data of a result; throw the title of its problem. */
function succeed<T>(result: { data?: T; error?: Problem }): T {
  if (result.data === undefined) throw new Error(result.error?.title ?? "The response has no body.");
  return result.data;
}

export async function live(baseUrl: string, password: string): Promise<void> {
  const api = createClient<paths>({ baseUrl });
  const path = { name: "nova" };

  // Log in.
  const { token } = succeed(await api.POST("/sessions", { body: { username: "owner", password } }));
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token}`);
    },
  });

  // Create a cat. The response has the members that only the staff sees.
  const created = await api.POST("/cats", { body: { name: path.name, status: "available", staffNotes: "Likes boxes." } });
  const cat: Cat = succeed(created);
  const name: string = cat.name;
  const notes: string | null | undefined = cat.staffNotes;
  assert(name === "nova" && notes === "Likes boxes.");
  assert(cat.blockers?.some((blocker) => blocker.code === "no-microchip") === true);
  assert(created.response.headers.get("X-Request-Id") !== null);

  // Change nested members of the version that was read. Read the cat again after a 412.
  const headers = { "Content-Type": "application/merge-patch+json" };
  async function update(change: CatPatch, etag: string): Promise<Cat> {
    const header = { "If-Match": etag };
    const result = await api.PATCH("/cats/{name}", { params: { path, header }, body: change, headers });
    if (result.error?.type !== "/problems/precondition-failed") return succeed(result);
    const current = await api.GET("/cats/{name}", { params: { path } });
    return update(change, current.response.headers.get("ETag") ?? "");
  }
  const etag = created.response.headers.get("ETag") ?? "";
  await update({ goodWith: { children: "yes" } }, etag);
  const updated = await update({ colors: { primary: "black", secondary: null } }, etag);
  assert(updated.goodWith.children === "yes" && updated.colors.secondary === null);

  // Read, change and put back.
  const body = succeed(await api.GET("/cats/{name}", { params: { path } }));
  const replaced = succeed(await api.PUT("/cats/{name}", { params: { path }, body }));
  assert(replaced.version === updated.version);

  // Read a list to its end.
  const cats: Cat[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = succeed(await api.GET("/cats", { params: { query: { limit: 5, cursor } } }));
    cats.push(...page.items);
    if (page.next === undefined) break;
    cursor = new URL(page.next, baseUrl).searchParams.get("cursor") ?? undefined;
  }
  assert(cats.length > 5 && new Set(cats.map((cat) => cat.name)).size === cats.length);
  assert(cats.find((cat) => cat.name === name)?.staffNotes === notes);

  // Handle an error by its code.
  const refused = await api.POST("/cats", { body: { name: "x".repeat(1000) } });
  assert(refused.error?.type === "/problems/invalid");
  assert(refused.error.errors?.some(({ pointer, code }) => pointer === "/name" && code === "too_long") === true);

  // Complete a to-do.
  const todo = succeed(await api.POST("/todos", { body: { title: "Brush nova", kind: "socialise", cat: name } }));
  const done = succeed(await api.POST("/todos/{id}/done", { params: { path: { id: todo.id } } }));
  assert(done.done && done.doneBy === "owner");

  // Delete the cat.
  const deleted = await api.DELETE("/cats/{name}", { params: { path } });
  assert(deleted.response.status === 204);
}
