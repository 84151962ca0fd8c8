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
# What a visit uses of Scrapy's own parts. The others are not even loaded: that would take as long as all the rest, and
# one of them, the remote control, runs Python for whoever reaches its port with the token that it leaves in a file.
# Cookies, redirects and repeats are a visit's own business: crawler.fetch and crawler.visit.
_MIDDLEWARES = {
    "robotstxt.RobotsTxtMiddleware": 100,
    "downloadtimeout.DownloadTimeoutMiddleware": 350,
    "defaultheaders.DefaultHeadersMiddleware": 400,
    "useragent.UserAgentMiddleware": 500,
    "httpcompression.HttpCompressionMiddleware": 590,
    "httpproxy.HttpProxyMiddleware": 750,
}


def scrapy_settings(sites: Iterable[Site], user_agent: str) -> dict[str, Any]:
    """Settings for a visit to ``sites``: each host gets its own queue with its own delay."""
    return {
        "USER_AGENT": user_agent,
        # Manners
        "ROBOTSTXT_OBEY": True,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0,
        "AUTOTHROTTLE_MAX_DELAY": 30,
        "EXTENSIONS_BASE": {},
        "EXTENSIONS": {"crawler.polite.Throttle": 0},
        "DOWNLOADER_MIDDLEWARES_BASE": {
            f"scrapy.downloadermiddlewares.{name}": place for name, place in _MIDDLEWARES.items()
        },
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
        "HTTPERROR_ALLOW_ALL": True,
        "REFERER_ENABLED": False,
        # What becomes of the records
        "ITEM_PIPELINES": {"crawler.pipelines.check.CheckPipeline": 100, "crawler.pipelines.store.StorePipeline": 200},
        # Quiet
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "%(levelname)s %(name)s: %(message)s",
        "STATS_DUMP": False,
    }
