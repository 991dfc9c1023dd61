"""The entry point that the template names: `lambda_function.handler`."""

from promptuary.api.serverless import handler

__all__ = ["handler"]
