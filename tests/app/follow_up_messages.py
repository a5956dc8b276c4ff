"""Follow-up messages: written by hand, before the rules that sort them were; never from real chats.

Each is the answer before it, the message, and whether it corrects that answer.
"""

from __future__ import annotations

Case = tuple[str, str, bool]

STATES = "The meeting is on Monday at 10. You can bring your notes."
ASKS = "There are several ways to do this. Would you like me to list more of them?"
WARM = "It will be 77 degrees Fahrenheit tomorrow, with some clouds."
EMAIL = "Dear Sir or Madam,\n\nI hope this email finds you well.\n\nBest regards"

FIRST: tuple[Case, ...] = (
    (STATES, "No, it is on Tuesday.", True),
    (EMAIL, "No, do it like this: Hi Ana, see you at noon. Sam", True),
    (EMAIL, "Not like that. I want it short and without a greeting.", True),
    (STATES, "I said Tuesday, not Monday.", True),
    (EMAIL, "Please always sign my emails with Sam.", True),
    (EMAIL, "Never write “I hope this email finds you well”.", True),
    (WARM, "From now on give temperatures in Celsius", True),
    (EMAIL, "Don't use bullet points, use full sentences.", True),
    (EMAIL, "shorter, please", True),
    (WARM, "In Celsius please", True),
    (EMAIL, "Too formal. My landlord and I are on first-name terms.", True),
    (EMAIL, "That's not what I asked for. I wanted a text message.", True),
    (STATES, "Wrong. Our stand-up is at half past nine.", True),
    (EMAIL, "make it shorter", True),
    (STATES, "I meant the meeting with the auditors", True),
    (EMAIL, "Stop using exclamation marks.", True),
    (EMAIL, "no bullet points please", True),
    (STATES, "Tuesday, not Monday.", True),
    (EMAIL, "Nope, use “Cheers” instead.", True),
    (EMAIL, "Next time, leave out the subject line.", True),
    (STATES, "No, thank you", False),
    (STATES, "no problem", False),
    (ASKS, "No, that's all for today.", False),
    (ASKS, "No, just the first one.", False),
    (STATES, "Don't you think it should be earlier?", False),
    (STATES, "No idea, what would you suggest?", False),
    (STATES, "I said yes to the invitation, what should I wear?", False),
    (STATES, "Thanks! And how do I get there?", False),
    (STATES, "“No, it is on Tuesday” is what she wrote. How do I answer her?", False),
    (STATES, "```\n# Don't use this, use that\nreturn not x\n```\nWhat does this code do?", False),
    (STATES, "never mind", False),
    (STATES, "Write a poem about rain. Don't use the letter e.", False),
    (STATES, "Don't worry, I found it", False),
    (STATES, "Why not?", False),
    (STATES, "From now on I work from home on Fridays. Plan my week.", False),
    (STATES, "No, that's perfect, thanks!", False),
    (STATES, "I always wondered how clouds form", False),
    (STATES, "Is it too long to walk there?", False),
    (STATES, "What does “not like that” mean in French?", False),
    (STATES, "> No, use the other door\nTranslate this into Spanish, please", False),
)

LATER: tuple[Case, ...] = (
    (STATES, "no that's wrong, it starts at 11", True),
    (EMAIL, "I asked for a text message, not an email", True),
    (EMAIL, "You should never mention my salary.", True),
    (WARM, "use metric units please", True),
    (EMAIL, "That's way too long", True),
    (EMAIL, "Could you always answer in one paragraph?", True),
    (STATES, "Actually, it's on Wednesday now", True),
    (EMAIL, "without the greeting please", True),
    (EMAIL, "It should say “Kind regards” at the end.", True),
    (EMAIL, "Whenever I ask for an email, sign it with Sam", True),
    (STATES, "No, not yet. I will try it tonight.", False),
    (STATES, "no worries", False),
    (STATES, "Not bad! Now one about cats.", False),
    (STATES, "Do not disturb mode: how do I turn it on?", False),
    (STATES, "I told my boss about it and she agreed.", False),
    (STATES, "Actually, that's great.", False),
    (STATES, "My flight is too early, what are my options?", False),
    (STATES, "Next time I am in Rome, what should I see?", False),
    (STATES, "Wrong number was the reason, they called back. Draft a reply.", False),
    (STATES, "Please write one for my sister as well.", False),
)
