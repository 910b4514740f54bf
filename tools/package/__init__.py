"""Builds the deployment package: one zip with all code and dependencies. The same input gives the same bytes.

``build`` assembles the package for a ``target``, a Lambda runtime and architecture, from the ``sources`` and the
``dependencies``. ``assets`` copies Swagger UI into api/, ``service_data`` reduces the data of botocore, ``archive``
writes the zip, and ``sbom`` writes the bill of materials.
"""
