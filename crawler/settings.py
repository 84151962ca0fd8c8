"""Scrapy's settings for a run. Docs of each: the Scrapy manual, "Settings"."""

from collections.abc import Iterable
from typing import Any

from crawler.items import Site
from crawler.polite import slot_of

# Seconds; the slowest list seen (540 kB, not compressed) takes a few.
TIMEOUT = 60
# Many hosts of one supplier seem to be one machine, so the total is kept low however many sources are visited.
REQUESTS_IN_THE_AIR = 16
# One meeting of 34 items is 0.7 MB, one platform's pages with base64 images 4 MB.
LARGEST_ANSWER = 25 * 1024 * 1024


def scrapy_settings(sites: Iterable[Site], user_agent: str) -> dict[str, Any]:
    """Settings for a visit to ``sites``: each host gets its own queue with its own delay."""
    return {
        "USER_AGENT": user_agent,
        # Manners
        "ROBOTSTXT_OBEY": True,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0,
        "AUTOTHROTTLE_MAX_DELAY": 30,
        "EXTENSIONS": {"scrapy.extensions.throttle.AutoThrottle": None, "crawler.polite.Throttle": 0},
        "DOWNLOADER": "crawler.polite.ByOrigin",
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.polite.FewAtOnce",
            "https": "crawler.polite.FewAtOnce",
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "TWISTED_DNS_RESOLVER": "crawler.polite.PublicOnly",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "REQUESTS_IN_THE_AIR": REQUESTS_IN_THE_AIR,
        "DOWNLOAD_SLOTS": {slot_of(site.base_url): {"concurrency": 1, "delay": site.crawl_delay} for site in sites},
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_DELAY_JITTER": 0,
        # Limits
        "DOWNLOAD_TIMEOUT": TIMEOUT,
        "DOWNLOAD_MAXSIZE": LARGEST_ANSWER,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        # Cookies, redirects and repeats are a visit's own business: crawler.fetch and crawler.visit.
        "COOKIES_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "RETRY_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "REFERER_ENABLED": False,
        # What becomes of the records
        "ITEM_PIPELINES": {"crawler.pipelines.check.CheckPipeline": 100, "crawler.pipelines.store.StorePipeline": 200},
        # Quiet
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "%(levelname)s %(name)s: %(message)s",
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
        "MEMUSAGE_ENABLED": False,
    }
