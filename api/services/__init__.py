"""The use cases. They do not import Flask, so that command-line tools can call them too."""
