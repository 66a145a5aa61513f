"""How dates and durations are said in each language."""

from datetime import UTC, date, datetime

_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "ar": [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
}
_DURATIONS = {
    "fr": ("{} jours", "{} mois", "un an", "{} ans"),
    "en": ("{} days", "{} months", "one year", "{} years"),
    "ar": ("{} يومًا", "{} أشهر", "سنة واحدة", "{} سنوات"),
}


def say_date(day: date, language: str, form: str = "long", today: date | None = None) -> str:
    """A day as one says it, or in short: « 12 mars 2026 », « 12/03 »; 12 March 2026, 12 Mar.

    In short the year is named too when it is not the year of ``today``.
    """
    months = _MONTHS.get(language)
    if months is None:
        return day.isoformat()
    if form == "short":
        this_year = day.year == (today or datetime.now(UTC).date()).year
        if language == "fr":
            return f"{day:%d/%m}" if this_year else f"{day:%d/%m/%Y}"
        brief = f"{day.day} {months[day.month - 1][:3]}"
        return brief if this_year else f"{brief} {day.year}"
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {months[day.month - 1]} {day.year}"


def say_days(days: int, language: str) -> str:
    """A number of days as people say it, « 6 mois », one year, where that is what it is."""
    few, months, year, years = _DURATIONS.get(language, _DURATIONS["en"])
    if days % 365 == 0:
        return years.format(days // 365) if days > 365 else year
    return months.format(days // 30) if days % 30 == 0 and days > 30 else few.format(days)
