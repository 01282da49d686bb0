"""Every error of the converters that a person can meet."""


class ConverterError(Exception):
    """Base of the converters' errors.

    Attributes:
        title: What happened, in a few words.
        detail: The file, key and numbers concerned.
        hint: What to do now.
    """

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return ": ".join(part for part in (self.title, self.detail) if part)
