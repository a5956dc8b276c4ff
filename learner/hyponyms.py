"""Hyponyms: the everyday words that fall under a forbidden one, as chicken under meat."""

from __future__ import annotations

_UNDER = {
    "meat": "chicken beef pork bacon ham turkey lamb steak veal duck sausage salami pepperoni"
    " prosciutto mince venison chorizo meatball burger patty ribs brisket liver goose rabbit"
    " fish",
    "fish": "salmon tuna cod trout sardine anchovy herring mackerel halibut tilapia shrimp prawn"
    " crab lobster mussel oyster squid seafood sushi haddock",
    "seafood": "fish shrimp prawn crab lobster mussel oyster squid clam scallop",
    "pork": "bacon ham prosciutto chorizo salami pepperoni",
    "dairy": "milk cheese butter cream yogurt yoghurt mozzarella parmesan cheddar feta ricotta"
    " custard",
    "lactose": "milk cheese butter cream yogurt yoghurt",
    "nut": "almond walnut cashew peanut hazelnut pecan pistachio macadamia praline marzipan",
    "gluten": "wheat bread pasta barley rye flour noodles couscous",
    "alcohol": "wine beer vodka whisky whiskey rum gin cocktail champagne tequila liqueur brandy",
    "sugar": "candy syrup honey sweets",
    "caffeine": "coffee espresso cola latte cappuccino",
    "egg": "eggs omelette omelet frittata",
    "fahrenheit": "°F ºF",
    "celsius": "°C ºC",
    # Whoever forbids miles wants metric units, in heights and weights too.
    "miles": "mile mph feet inches yards lbs lb ounces",
    "imperial": "miles feet inches pounds gallons Fahrenheit",
    "kilometres": "kilometers kilometre kilometer km",
    "kilometers": "kilometres kilometre kilometer km",
    "pounds": "lbs lb £ GBP",
    "dollars": "$ USD",
    "euros": "€ EUR",
    "feet": "foot ft",
    "inches": "inch",
    "mushrooms": "champignon portobello shiitake",
    "shellfish": "shrimp prawn crab lobster mussel oyster clam scallop",
    "vegetables": "carrot broccoli spinach cabbage",
    "colon": ":",
    "semicolon": ";",
    "dash": "— –",
    "hashtag": "#",
    "parenthesis": "( )",
    "parentheses": "( )",
    "brackets": "( ) [ ]",
    "ampersand": "&",
    "ellipsis": "… ...",
    "apologise": "apologize apology apologies sorry",
    "apologize": "apologise apology apologies sorry",
    "apology": "apologize apologise apologies sorry",
    "apologies": "apologize apologise apology sorry",
}


def with_hyponyms(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Forbidden phrases and, after them, the words that fall under them, each once."""
    found = list(phrases)
    for phrase in phrases:
        one = _singular(phrase)
        found += [one] if one != phrase else []
        found += _UNDER.get(phrase.casefold(), _UNDER.get(one.casefold(), "")).split()
    for phrase in found[len(phrases) :]:
        found += _UNDER.get(phrase.casefold(), "").split()
    return tuple(dict.fromkeys(found))


def _singular(phrase: str) -> str:
    """The last word of a phrase in the singular, where its plural is a plain one."""
    if len(phrase) > 3 and phrase.endswith("s") and not phrase.endswith(("ss", "us", "is", "as")):
        return phrase[:-2] if phrase.endswith(("shes", "ches")) else phrase[:-1]
    return phrase
