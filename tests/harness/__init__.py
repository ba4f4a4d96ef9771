"""Starts the real things that statebus works with: Home Assistant, Mosquitto and the bridge.

The demo, the tests on real Home Assistant and the tests on a real broker share this package.
Everything it starts has its own ports, folders and processes, and is ended by process id.
"""
