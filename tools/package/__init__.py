"""Builds what Lambda runs: one zip with everything in it, the same bytes from the same input on any machine.

``build`` puts it together. The parts: ``target`` says for which runtime and machine, ``sources`` what of ours is in it,
``dependencies`` brings the wheels and leaves out what is never used, ``service_data`` cuts botocore's data,
``kept`` keeps that half for the next build,
``bytecode`` compiles (it runs on the target's own Python), ``archive`` writes the zip, ``bill`` lists what is in it.
"""
