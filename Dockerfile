# The image of web, worker and beat. docker-compose.yml says how they stand together.

FROM node:24-slim AS browser-libraries
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.13-slim
# Pango lays out the PDF files; DejaVu is the font for what no embedded font has.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /bin/false sam \
    && install -d -o sam -g sam -m 0700 /data
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --from=browser-libraries /app/node_modules ./node_modules
COPY . .
# The font cache goes to the only place that can be written besides /data.
ENV PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp \
    SAM_DATA=/data \
    STATIC_ROOT=/app/static-collected \
    SAM_BIND=0.0.0.0:8000
RUN SAM_BUILDING=1 SAM_DATA=/tmp/building python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/building
USER sam
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "sam.wsgi:application"]
