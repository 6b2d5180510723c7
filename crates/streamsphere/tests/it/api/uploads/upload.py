"""Uploads a file with tuspy: python upload.py FILE ENDPOINT TOKEN CHUNK_BYTES"""

import sys
import time

import requests
from tusclient import client
from tusclient.exceptions import TusCommunicationError

file, endpoint, token, chunk = sys.argv[1:]
server = client.TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})
metadata = {"filename": "clip.mp4", "title": "By tuspy"}
url = None
# Connections are cut on purpose, and often: tuspy's own retries are few, so begin again from where it was.
for attempt in range(200):
    try:
        uploader = server.uploader(
            file, chunk_size=int(chunk), metadata=metadata, url=url, retries=0
        )
        if url is None:
            url = uploader.create_url()
            uploader.set_url(url)
        uploader.upload()
        print(url)
        sys.exit(0)
    except (TusCommunicationError, requests.RequestException) as error:
        print(error, file=sys.stderr)
        time.sleep(0.05)
sys.exit(1)
