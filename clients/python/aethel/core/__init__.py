"""The modules of the integration guide by their own names, at work against an Aethel server."""
