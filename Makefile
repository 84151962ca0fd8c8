# One word for each thing a contributor does. `make install` runs by itself where it is needed.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: install demo run test lint format bench constraints clean

install: .venv/.installed  ## makes .venv with the command `dagsordenvagt` in it

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dagsordenvagt needs Python 3.11 or newer; set PYTHON=/path/to/python3.x")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || ($(PYTHON) -m pip install --user virtualenv && $(PYTHON) -m virtualenv .venv)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: install  ## the whole service on this machine, offline; ARGS=--once ends by itself
	$(BIN)/dagsordenvagt demo $(ARGS)

run: install  ## the service as configured in the environment
	$(BIN)/dagsordenvagt run $(ARGS)

test: install  ## the whole suite; ARGS="-k word" for a part of it
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: install  ## formatting, style, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install  ## speed, as ratios in one run
	$(BIN)/dagsordenvagt bench $(ARGS)

constraints: install  ## re-pins every version; no registry address is written
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate --all-extras --quiet pyproject.toml -o constraints.txt

clean:
	rm -rf .venv build data *.egg-info .mypy_cache .ruff_cache .pytest_cache

migration: install  ## NAME="what changes": a new migration from the models
	$(BIN)/python -c "from alembic import command; from storage.migrate import _config, schema_state, upgrade; import sys, tempfile; url = 'sqlite:///' + tempfile.mkdtemp() + '/m.sqlite3'; upgrade(url); command.revision(_config(url), sys.argv[1], autogenerate=True, rev_id=f'{int(schema_state(url)[1]) + 1:04}')" "$(NAME)"
