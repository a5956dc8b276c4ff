"""The window: Qt only; it asks the service and draws what comes back."""
