"""The assistant: a process without a face that owns the ledger, the model and the adapters."""
