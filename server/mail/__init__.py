"""Mail: what is due becomes a message, by templates, and is handed to an SMTP server; the demo's catcher and its inbox."""
