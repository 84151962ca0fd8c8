"""The pages: one file per subject. Each reads its address, asks ``web.queries``, and renders a template."""
