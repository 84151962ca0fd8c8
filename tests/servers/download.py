"""A plain downloader over real HTTP, to run an adapter without Scrapy's engine around it."""

import httpx
from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes


async def download(request: Request) -> Response:
    """The answer as Scrapy would hand it on; redirects are not followed."""
    headers = {key.decode(): values[0].decode() for key, values in request.headers.items()}
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        came = await client.get(request.url, headers=headers)
    answer = Headers()
    for name, value in came.headers.multi_items():
        answer.appendlist(name, value)
    kind = responsetypes.from_args(headers=answer, url=request.url, body=came.content)
    return kind(url=request.url, status=came.status_code, headers=answer, body=came.content, request=request)
