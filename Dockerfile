# One image for the web pages and the scheduler; which of them runs is the command's choice.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY config config
COPY storage storage
COPY crawler crawler
COPY matcher matcher
COPY notifier notifier
COPY web web
COPY service service
RUN python -m venv /opt/dagsordenvagt \
    && /opt/dagsordenvagt/bin/pip install --no-cache-dir -c constraints.txt ".[demo]"

FROM python:3.12-slim
# Reads scanned attachments.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends tesseract-ocr tesseract-ocr-dan \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 vagt && mkdir /data && chown vagt /data
COPY --from=build /opt/dagsordenvagt /opt/dagsordenvagt
ENV PATH=/opt/dagsordenvagt/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DAGSORDENVAGT_DATA_DIR=/data \
    DAGSORDENVAGT_LOG_FORMAT=json
USER vagt
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Scrapy finishes the requests in flight and the current mail is recorded before the process ends.
STOPSIGNAL SIGTERM
CMD ["dagsordenvagt", "run"]
