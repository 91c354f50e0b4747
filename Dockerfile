# The image of web, worker, beat and migrate: one lock, two stages, no root.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/python -m pip install --require-hashes --requirement requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bonefit
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
# The values only let the settings load; nothing connects, and none of them stays in the image.
RUN SECRET_KEY=for-collectstatic DATABASE_URL=postgresql://bonefit_app@postgres/bonefit \
    REDIS_URL=redis://redis:6379/0 python manage.py collectstatic --no-input \
    && install --directory --owner=bonefit --mode=700 /app/var /documents /backups /scratch
USER bonefit
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "bonefit.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "75", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
