"""The demo press: a small press of fictional sites, served on loopback ports.

It is what the first run scrapes and what the tests of the whole way use. Every place, person and paper is invented.
It stands alone: it imports nothing of the pipeline, so that neither can hide the other's mistakes.
"""
