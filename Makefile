# make help says what there is. Everything here needs Python 3.11 or newer and nothing else.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && exit; done; echo python3)
VENV := .venv/bin/python
# Settings for a check of the deployed site; nothing connects with them.
DEPLOYED := DJANGO_SETTINGS_MODULE=bonefit.settings DATABASE_URL=postgresql://bonefit_app@db/bonefit \
	SECRET_KEY=only-for-the-check-a-long-and-random-key-goes-here-when-deployed-0123456789 \
	ALLOWED_HOSTS=clinic.example CSRF_TRUSTED_ORIGINS=https://clinic.example \
	SITE_URL=https://clinic.example REDIS_URL=redis://redis:6379/0
PYTEST := $(VENV) -m pytest -n 2 --dist loadgroup

.PHONY: help run reset test gates soak bench lock python

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: python ## start everything: the site, its worker, its database (PORT=8000)
	@$(PYTHON) -m bonefit.run run

reset: python ## delete the demo's data, after asking (YES=1 does not ask)
	@$(PYTHON) -m bonefit.run reset

test: gates ## lint, types, migrations, and all tests
	@$(VENV) -m tests.get_browser
	@$(PYTEST)

gates: python
	@$(PYTHON) -m bonefit.run install-tests
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy
	$(VENV) -m djlint templates --lint --quiet
	$(VENV) manage.py makemigrations --check --dry-run
	@$(DEPLOYED) $(VENV) manage.py check --deploy --fail-level WARNING

soak: python ## the long runs in full; writes docs/soak.md
	@$(PYTHON) -m bonefit.run install-tests
	@SOAK=1 $(PYTEST) -m soak

bench: python ## measure; the figures belong in docs/performance.md
	@$(PYTHON) -m bonefit.run install-tests
	@$(VENV) -m bench.log_set
	@$(VENV) -m bench.fold
	@$(VENV) -m bench.board
	@$(VENV) -m bench.week
	@$(VENV) -m bench.desk
	@$(VENV) -m bench.charts
	@$(VENV) -m bench.importing
	@$(VENV) -m bench.flags
	@$(VENV) -m bench.previews
	@$(VENV) -m bench.reports

lock: ## write both locks anew from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 \
		--output-file requirements.txt pyproject.toml
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 --extra test \
		--constraint requirements.txt --output-file tests/requirements.txt pyproject.toml

python:
	@command -v "$(PYTHON)" >/dev/null || { echo "bonefit needs Python 3.11 or newer, and there is no $(PYTHON) here." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3,))' \
		|| { echo "bonefit needs Python 3.11 or newer, and $(PYTHON) is Python 2." >&2; exit 1; }
