"""The desktop's own menus: “Teach this” in the file manager, written for this user and undone."""
