# The commands of Clowder. `make` lists them.
#
# Packages are installed into .venv, .tools and node_modules of this folder, and again when the list of requirements has
# changed. Progress messages go to standard error; standard output has only the output of the command.

# Install Python and npm packages in parallel.
MAKEFLAGS += --jobs=2

# Some images set this variable. Without compiled modules, every process of the tests compiles all of its imports again.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
VENDOR := api/web/static/vendor

# The target of a package and a deployment.
STAGE ?= dev
RUNTIME ?= python3.13
ARCHITECTURE ?= arm64

LOCAL := .venv/local.stamp
DEV := .venv/dev.stamp
NODE := node_modules/.package-lock.json
NODE_DEV := node_modules/.dev.stamp
ASSETS := $(VENDOR)/.stamp
# Tools that need other versions of our dependencies have their own virtual environments.
LINT := .tools/lint/.stamp
CHECKOV := .tools/checkov/.stamp
MINISTACK := .tools/ministack/.stamp
LAMBDA := .tools/awslambdaric/.stamp
MUTANTS := .tools/mutants/.stamp
CLIENTS := .tools/clients/.stamp

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run token demo-reset test test-fast check check-ci check-image check-template openapi openapi-lint openapi-gate bench growth load scale docs format package deploy \
  rehearse cursor-key ci-setup cost mutants lock install install-dev assets clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(NODE) $(LOCAL) $(ASSETS) ## start the API at http://127.0.0.1:5000 with sample data (variables: HOST, PORT, DATA_DIR, DYNAMODB_URL)
	@$(PY) -m tools.local

token: ## print a bearer token for the running server (ROLE=member, staff or owner); make -s token prints only the token
	@test -x $(PY) || { echo "The server is not running: start it with make run." >&2; exit 1; }
	@$(PY) -m tools.local.token

demo-reset: ## replace the data of the running server by the sample data; other accounts do not change
	@test -x $(PY) || { echo "The server is not running: start it with make run." >&2; exit 1; }
	@$(PY) -m tools.local.reset

# By name: xdist would otherwise start the files with few tests last, and these take the longest.
test: $(NODE_DEV) $(DEV) $(ASSETS) $(MINISTACK) $(LAMBDA) $(CLIENTS) ## run all tests (ARGS="-k cats" selects tests)
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: $(DEV) $(ASSETS) ## run the fast unit and API tests, which need neither the emulator nor the package (ARGS)
	@$(PY) -m pytest -n auto --dist loadfile -m "not slow" tests/domain tests/store tests/http tests/web tests/api $(ARGS)

check: $(DEV) openapi-lint openapi-gate check-ci check-image check-template ## check format, lint, types, architecture, the OpenAPI document, workflows, image and templates
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy --strict api handler.py tools
	@$(PY) -m pytest tests/repo/test_architecture.py tests/repo/test_words.py

check-ci: $(LINT) $(DEV) ## check the schemas and the security of the workflows in .github and of the deployment role
	@.tools/lint/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.tools/lint/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@.tools/lint/bin/zizmor --offline --quiet --no-progress --persona pedantic .github
	@.tools/lint/bin/cfn-lint --include-checks I -t infra/ci/github-oidc.yml
	@$(PY) -m pytest tests/repo/deployer_schemas.py

check-image: $(LINT) ## check the Dockerfile and the schema of compose.yaml
	@.tools/lint/bin/hadolint Dockerfile
	@.tools/lint/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml

check-template: $(NODE_DEV) $(DEV) $(LINT) $(CHECKOV) ## check the compiled CloudFormation templates of all stages
	@$(PY) -m tools.checks.template
	@.tools/lint/bin/cfn-lint --config-file infra/cfn-lint.yml dist/template-*.json
	@.tools/checkov/bin/checkov --config-file infra/checkov.yml -f dist/template-*.json

openapi: $(DEV) ## print the OpenAPI document
	@$(PY) -m tools.checks.openapi_diff --print

openapi-lint: $(NODE_DEV) $(DEV) ## check the OpenAPI document with Spectral and Redocly; a warning is an error
	@mkdir -p dist
	@$(PY) -m tools.checks.openapi_diff --print > dist/openapi.json
	@node_modules/.bin/spectral lint --ruleset tools/checks/spectral.yml --fail-severity hint --quiet dist/openapi.json
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true REDOCLY_SUPPRESS_NOTIFICATIONS=true \
	  node_modules/.bin/redocly lint --config tools/checks/redocly.yml dist/openapi.json

openapi-gate: $(NODE_DEV) $(DEV) ## fail if the API breaks clients of the last release, except for accepted changes
	@$(PY) -m tools.checks.openapi_diff

bench: $(NODE) $(DEV) $(ASSETS) ## compare with other frameworks, write docs/performance.md, print the goals (BENCH_ROUNDS)
	@$(PY) -m bench

growth: $(NODE) $(DEV) $(ASSETS) ## measure tables of up to a million cats, write docs/growth.md, fail if capacity grows (30 minutes, 40 GB of disk)
	@$(PY) -m bench.growth

load: $(NODE) $(DEV) $(ASSETS) $(LAMBDA) ## load the server and Lambda runtimes for ten minutes each, write docs/load.md (DURATION in seconds, RUNTIMES)
	@$(PY) -m bench.load

docs: $(DEV) ## write docs/permissions.md from the table of permissions of the tests, and docs/portraits.svg
	@$(PY) -m tools.checks.permissions_page
	@$(PY) -m tools.checks.portraits_page

mutants: $(DEV) $(MUTANTS) $(ASSETS) ## run the fast tests against a random sample of mutants, print the score and the survivors (SAMPLE, SEED)
	@$(PY) -m tools.checks.mutants

package: $(DEV) $(ASSETS) ## build the packages for Lambda, dist/clowder-*.zip and dist/photos-*.zip (RUNTIME, ARCHITECTURE)
	@$(PY) -m tools.package --runtime $(RUNTIME) --architecture $(ARCHITECTURE)

# The parameter of a variable, if the user has set it.
given = $(if $(filter file,$(origin $(1))),,--param=$(2)=$($(1)))
# The value of PARAMS is passed on unchanged: make would expand a $ in it, and split quoted values.
deploy: override export PARAMS := $(value PARAMS)
deploy: $(NODE_DEV) $(DEV) $(ASSETS) ## deploy to AWS, smoke-test, roll back on failure (STAGE; PARAMS; ARTIFACT and SHA256 of an existing package)
	@$(PY) -m tools.deploy --stage $(STAGE) $(call given,RUNTIME,runtime) $(call given,ARCHITECTURE,architecture) \
	  $(if $(ARTIFACT),--artifact "$(ARTIFACT)" --sha256 "$(SHA256)") --params="$$PARAMS"

cursor-key: $(DEV) ## create the secret key of a stage, print its version (STAGE; ROTATE=yes replaces the key and ends all sessions)
	@$(PY) -m tools.ops.cursor_key --stage $(STAGE) $(if $(ROTATE),--rotate)

ci-setup: $(DEV) ## set up a stage for CI, in AWS and GitHub (STAGE; DRY_RUN=yes prints the plan; REVIEWERS=ada,ben; HOSTED_ZONE)
	@$(PY) -m tools.ops.ci_setup --stage $(STAGE) $(if $(DRY_RUN),--dry-run) $(if $(REVIEWERS),--reviewers "$(REVIEWERS)") \
	  $(if $(HOSTED_ZONE),--hosted-zone "$(HOSTED_ZONE)")

rehearse: $(NODE_DEV) $(DEV) $(ASSETS) $(MINISTACK) ## rehearse deployment, failure, rollback and removal on a local AWS emulator
	@$(PY) -m tools.rehearsal

scale: $(DEV) ## compute what breaks first under load, write docs/scale.md
	@$(PY) -m tools.ops.scale

cost: $(DEV) ## compute the monthly cost from measurements and published prices, write docs/cost.md
	@$(PY) -m tools.ops.cost

lock: $(DEV) ## write requirements-lock.txt, the hashes of all wheels of requirements.txt and requirements-photos.txt
	@$(PY) -m uv pip compile requirements.txt requirements-photos.txt --output-file requirements-lock.txt --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --custom-compile-command "make lock" --quiet

format: $(DEV) ## format the code and fix lint errors with ruff
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format .

install: $(NODE) $(LOCAL) $(ASSETS) ## install the requirements of make run

install-dev: $(NODE_DEV) $(DEV) $(ASSETS) ## install the requirements of make test and make deploy too

clean: ## remove all generated files, except the data in .data
	rm -rf .venv .tools .serverless dist mutants node_modules $(VENDOR) .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
	find api tests tools bench handler.py -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# Python packages. A .venv whose Python was removed is created again.
$(PY):
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "Clowder needs Python 3.11 or newer, and $(PYTHON) was not found. Choose another Python with PYTHON=... make" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Clowder needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" -V 2>&1). Choose another Python with PYTHON=... make" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Creating .venv with $$("$(PYTHON)" -V) ..." >&2
	@"$(PYTHON)" -m venv --clear .venv

$(LOCAL): requirements.txt requirements-photos.txt requirements-local.txt | $(PY)
	@echo "Installing requirements-local.txt into .venv ..." >&2
	@$(PIP) -r requirements-local.txt || { echo "pip could not install requirements-local.txt (see above)." >&2; exit 1; }
	@touch $@

$(DEV): requirements-dev.txt tools/requirements/package.txt $(LOCAL)
	@echo "Installing requirements-dev.txt into .venv ..." >&2
	@$(PIP) -r requirements-dev.txt || { echo "pip could not install requirements-dev.txt (see above)." >&2; exit 1; }
	@touch $@

# npm packages: the DynamoDB emulator and Swagger UI. npm writes $(NODE) itself.
$(NODE): package.json package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || { \
	  echo "Clowder needs Node 20 or newer with npm, for the DynamoDB emulator and the page /docs: https://nodejs.org" >&2; exit 1; }
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { \
	  echo "Clowder needs Node 20 or newer; node is $$(node --version): https://nodejs.org" >&2; exit 1; }
	@echo "Installing package.json into node_modules ..." >&2
	@npm ci --omit=dev --loglevel=error >/dev/null || { echo "npm could not install package.json (see above)." >&2; exit 1; }

# Not with `npm ci`, which would remove what is installed while another rule copies Swagger UI.
$(NODE_DEV): $(NODE)
	@echo "Installing the development dependencies of package.json into node_modules ..." >&2
	@npm install --no-save --loglevel=error >/dev/null || { echo "npm could not install package.json (see above)." >&2; exit 1; }
	@touch $@

# MiniStack runs the function with its own Python, so its environment uses the Python version of the package.
.tools/%/.stamp: tools/requirements/%.txt | $(DEV)
	@echo "Installing $< into .tools/$* ..." >&2
	@"$$($(PY) -m tools.package.target)" -m venv --clear .tools/$*
	@.tools/$*/bin/python -m pip install -qq --disable-pip-version-check -r $< || { \
	  echo "pip could not install $< (see above)." >&2; exit 1; }
	@touch $@

assets: $(ASSETS)

$(ASSETS): $(NODE) | $(LOCAL)
	@$(PY) -m tools.package.assets
	@touch $@
