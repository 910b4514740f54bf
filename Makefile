# Clowder's commands. `make` alone lists them.
#
# Everything is installed into this folder, into .venv and node_modules, and again only when the lists of what is
# needed have changed. What is being installed is said on standard error: standard output is the command's own.

# Python's side and npm's are installed side by side.
MAKEFLAGS += --jobs=2

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
NPM := npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
VENDOR := api/web/static/vendor

# What is deployed, and where to.
STAGE ?= dev
RUNTIME ?= python3.13
ARCHITECTURE ?= arm64

LOCAL := .venv/local.stamp
DEV := .venv/dev.stamp
NODE := node_modules/.stamp
NODE_DEV := node_modules/.dev.stamp
ASSETS := $(VENDOR)/.stamp
# Tools that pin what we pin otherwise have an environment of their own each.
LINT := .tools/lint/.stamp
CHECKOV := .tools/checkov/.stamp
MINISTACK := .tools/ministack/.stamp
LAMBDA := .tools/awslambdaric/.stamp

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run token demo-reset test check check-ci check-image check-template openapi openapi-gate bench growth load docs format package image deploy \
  rehearse cursor-key cost install install-dev assets clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(NODE) $(LOCAL) $(ASSETS) ## open the café at http://127.0.0.1:5000 (HOST, PORT, DATA_DIR, DYNAMODB_URL choose others)
	@$(PY) -m tools.local

token: ## print a bearer token for the open café (ROLE=member, staff or owner); make -s token prints nothing else
	@test -x $(PY) || { echo "The café is not open here: open it with make run." >&2; exit 1; }
	@$(PY) -m tools.local.token

demo-reset: ## bring the sample back in the open café; all else goes, only the accounts stay
	@test -x $(PY) || { echo "The café is not open here: open it with make run." >&2; exit 1; }
	@$(PY) -m tools.local.reset

# In the order of their names: xdist would keep the files with few tests for the end, which are those that take long.
test: $(NODE_DEV) $(DEV) $(ASSETS) $(MINISTACK) $(LAMBDA) ## run all tests (ARGS="-k cats" chooses)
	@$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV) openapi-gate check-ci check-image check-template ## format, lint, types, architecture: what must be right before any test runs
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy --strict api handler.py tools
	@$(PY) -m pytest tests/repo/test_architecture.py

check-ci: $(LINT) $(DEV) ## the workflows of .github and the role that deploys: their schemas, their security
	@.tools/lint/bin/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.tools/lint/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@.tools/lint/bin/zizmor --offline --quiet --no-progress --persona pedantic .github
	@.tools/lint/bin/cfn-lint --include-checks I -t infra/ci/github-oidc.yml
	@$(PY) -m pytest tests/repo/deployer_schemas.py

check-image: $(LINT) ## the Dockerfile, and the schema of compose.yaml
	@.tools/lint/bin/hadolint Dockerfile
	@.tools/lint/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml

check-template: $(NODE_DEV) $(DEV) $(LINT) $(CHECKOV) ## the templates of all stages, as CloudFormation gets them
	@$(PY) -m tools.checks.template
	@.tools/lint/bin/cfn-lint --config-file infra/cfn-lint.yml dist/template-*.json
	@.tools/checkov/bin/checkov --config-file infra/checkov.yml -f dist/template-*.json

openapi: $(DEV) ## print the API's document, as the code makes it now
	@$(PY) -m tools.checks.openapi_diff --print

openapi-gate: $(NODE_DEV) $(DEV) ## see that nothing breaks a client of the last release but what is accepted
	@$(PY) -m tools.checks.openapi_diff

bench: $(NODE) $(DEV) $(ASSETS) ## measure beside other frameworks, write docs/performance.md, print the goals (BENCH_ROUNDS)
	@$(PY) -m bench

growth: $(NODE) $(DEV) $(ASSETS) ## measure cafés of up to a million cats; writes docs/growth.md, fails where capacity grows (half an hour, 40 GB of disk)
	@$(PY) -m bench.growth

load: $(NODE) $(DEV) $(ASSETS) $(LAMBDA) ## load the server and Lambda runtimes for ten minutes each; writes docs/load.md (DURATION in seconds, RUNTIMES)
	@$(PY) -m bench.load

docs: $(DEV) ## make docs/permissions.md from the table of permissions that the tests execute
	@$(PY) -m tools.checks.permissions_page

package: $(DEV) $(ASSETS) ## build dist/clowder-*.zip, what Lambda runs (RUNTIME, ARCHITECTURE)
	@$(PY) -m tools.package --runtime $(RUNTIME) --architecture $(ARCHITECTURE)

image: $(DEV) $(ASSETS) ## build the container image with buildah (RUNTIME, ARCHITECTURE, BASE_IMAGE)
	@$(PY) -m tools.image --runtime $(RUNTIME) --architecture $(ARCHITECTURE)

# As it was written: make would take a $ in it for one of its own, and split what stands between quotes.
deploy: override export PARAMS := $(value PARAMS)
deploy: $(NODE_DEV) $(DEV) $(ASSETS) ## deploy to AWS, smoke test, roll back if that fails (STAGE; ARTIFACT and SHA256: what was built before; PARAMS)
	@$(PY) -m tools.deploy --stage $(STAGE) --runtime $(RUNTIME) --architecture $(ARCHITECTURE) \
	  $(if $(ARTIFACT),--artifact "$(ARTIFACT)" --sha256 "$(SHA256)") --params="$$PARAMS"

cursor-key: $(DEV) ## make the key that a stage signs cursors with; prints its version (STAGE; ROTATE=yes makes a new one)
	@$(PY) -m tools.ops.cursor_key --stage $(STAGE) $(if $(ROTATE),--rotate)

rehearse: $(NODE_DEV) $(DEV) $(ASSETS) $(MINISTACK) ## deploy, break, roll back and remove, on an AWS on this machine
	@$(PY) -m tools.rehearsal

cost: $(DEV) ## print what a café costs a month, from measured figures and published prices; writes docs/cost.md
	@$(PY) -m tools.ops.cost

format: $(DEV) ## let ruff format the sources and mend what it can
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format .

install: $(NODE) $(LOCAL) $(ASSETS) ## install what make run needs, and run nothing

install-dev: $(NODE_DEV) $(DEV) $(ASSETS) ## install what make test and make deploy need besides

clean: ## remove what make has made, except the data in .data
	rm -rf .venv .tools .serverless dist node_modules $(VENDOR) .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
	find api tests tools bench handler.py -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# The Python side. A .venv whose Python has gone is made anew.
$(PY):
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "Clowder needs Python 3.11 or newer, and $(PYTHON) is not found; PYTHON=... make names another." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Clowder needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" -V 2>&1). PYTHON=... make names another." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$("$(PYTHON)" -V) ..." >&2
	@"$(PYTHON)" -m venv --clear .venv

$(LOCAL): requirements.txt requirements-local.txt | $(PY)
	@echo "Installing requirements-local.txt into .venv ..." >&2
	@$(PIP) -r requirements-local.txt || { echo "pip could not install requirements-local.txt: see above." >&2; exit 1; }
	@touch $@

$(DEV): requirements-dev.txt $(LOCAL)
	@echo "Installing requirements-dev.txt into .venv ..." >&2
	@$(PIP) -r requirements-dev.txt || { echo "pip could not install requirements-dev.txt: see above." >&2; exit 1; }
	@touch $@

# The npm side: the local database engine, and Swagger UI for /docs. No `npm ci`: it refuses a lockfile that lacks
# the engines of other platforms, which a mirror may not have.
$(NODE): package.json package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || { \
	  echo "Clowder needs Node 20 or newer with npm, for the local database engine and the page /docs: https://nodejs.org" >&2; exit 1; }
	@node -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { \
	  echo "Clowder needs Node 20 or newer; node is $$(node --version): https://nodejs.org" >&2; exit 1; }
	@echo "Installing package.json into node_modules ..." >&2
	@$(NPM) --omit=dev >/dev/null || { echo "npm could not install package.json: see above." >&2; exit 1; }
	@touch $@

$(NODE_DEV): $(NODE)
	@echo "Installing the rest of package.json, for tests and deployment, into node_modules ..." >&2
	@$(NPM) >/dev/null || { echo "npm could not install package.json: see above." >&2; exit 1; }
	@touch $@

# MiniStack runs the function on its own Python: it is made with the one that the package is built for.
.tools/%/.stamp: tools/requirements/%.txt | $(LOCAL)
	@echo "Installing $< into .tools/$* ..." >&2
	@"$$($(PY) -m tools.package.target)" -m venv --clear .tools/$*
	@.tools/$*/bin/python -m pip install -qq --disable-pip-version-check -r $< || { \
	  echo "pip could not install $<: see above." >&2; exit 1; }
	@touch $@

assets: $(ASSETS)

$(ASSETS): $(NODE)
	@mkdir -p $(VENDOR)
	@cd node_modules/swagger-ui-dist && cp swagger-ui-bundle.js swagger-ui.css LICENSE NOTICE $(CURDIR)/$(VENDOR)/
	@gzip -9nkf $(VENDOR)/*.js $(VENDOR)/*.css
	@touch $@
