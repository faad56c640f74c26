"""What users of the simulated support assistant ask about, and what is true: text material, all in common lower-case words.

Facts and cues hold no name, number, date or place, so that an anonymiser leaves them whole.
"""

# ruff: noqa: E501 - one variant is one line, so that a table of facts can be read as one

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """One question of a topic and its facts.

    Attributes:
        name: identity within the world.
        head, tail: the two halves of the cue; both stand in every question of the variant, the head first.
        right: the fact that a good answer states.
        wrongs: plausible facts that are not true.
        is_hard: hard variants are answered well less often.
    """

    name: str
    head: str
    tail: str
    right: str
    wrongs: tuple[str, str]
    is_hard: bool


@dataclass(frozen=True)
class Topic:
    """A topic: `my {subject} {event} {time}` tells the situation, a `voice` complains, a variant asks."""

    name: str
    subjects: tuple[str, ...]
    events: tuple[str, ...]
    voices: tuple[str, ...]
    variants: tuple[Variant, ...]
    reference_length: int  # characters of a typical answer of the reference release


def _topic(name: str, length: int, subjects: str, events: str, voices: str, easy: str, hard: str) -> Topic:
    """Read a topic from its block of text: lists split at commas, variants one per line, parts split at `|`."""
    variants: list[Variant] = []
    for is_hard, block in ((False, easy), (True, hard)):
        for line in block.strip().splitlines():
            head, tail, right, first, second = (part.strip() for part in line.split("|"))
            variants.append(Variant(f"{name}-{len(variants) + 1}", head, tail, right, (first, second), is_hard))
    return Topic(name, _split(subjects), _split(events), _split(voices), tuple(variants), length)


def _split(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(","))


TOPICS: tuple[Topic, ...] = (
    _topic(
        "parcels",
        230,
        "parcel, birthday parcel, book parcel, parcel with shoes, return parcel, large parcel, parcel for my mother, parcel from the shop",
        "never reached my door, left the warehouse, shows as delivered, sits in a depot, looks stuck in transit, missed its delivery slot, "
        "went to another house, is still in the delivery van, came back to the sender, got lost by the courier",
        "the courier, the driver, the tracking page, the depot, the delivery office, the post office, the courier chat, the delivery app",
        """
        where can i pick up | a parcel that missed me | the parcel waits at the nearest shop | the parcel goes straight back to the sender | the parcel stays inside the van
        how do i change | the delivery address of a parcel | you can change it on the tracking page | you must write a letter to the courier | only the driver can change the address
        who do i ask about | a parcel with a broken box | the sender opens the damage case | the driver pays for the damage | the post office repairs the box
        """,
        """
        what happens with | a parcel held by customs | customs sends you a letter with the fee | customs keeps the parcel for good | the driver pays the customs fee
        what do i pay for delivery | when a second parcel comes along | one delivery fee covers both parcels | each parcel has its own delivery fee | the shop returns both delivery fees
        who may collect | my parcel from the courier | anyone with the pick up code may have it | only the sender may have it | only the driver may have it
        """,
    ),
    _topic(
        "sign_in",
        225,
        "password, account password, login, account login, user account, profile password, family account, login code",
        "stopped working, is not accepted, was reset by someone, got locked, keeps failing, is no longer valid, "
        "was changed without me, shows an unknown login, asks to verify again, expired for no reason",
        "the login page, the password form, the account screen, the security page, the reset mail, the verify screen, the login app, the account menu",
        """
        how can i reset | a password that i forgot | the reset link is on the login page | support reads you the old password | you need a new account
        how do i unlock | an account after bad passwords | the account opens again after a short wait | the account stays locked for ever | a new password costs a fee
        where do i turn on | the second login step | the second step is in the security menu | the second step is set by your bank | the second step needs a new phone
        """,
        """
        how do i move | my account login to a new phone | scan the backup code with the new phone | copy the app over by cable | wait until the old phone breaks
        what must i do when | a stranger has used my login | sign out all devices and then reset | change your user name only | delete the mail and go on
        can i merge | two accounts into one login | both accounts join from the profile page | accounts can never be joined | the older account takes the new name
        """,
    ),
    _topic(
        "hotel",
        240,
        "hotel room, hotel booking, room with a view, hotel stay, double room, hotel reservation, family room, weekend at the hotel",
        "was booked twice, has the wrong bed, was cancelled by the hotel, shows no breakfast, is not confirmed, was given to another guest, "
        "has no sea view, needs an early check in, is missing a bed, looks different from the pictures",
        "the hotel desk, the front desk, the hotel manager, the booking page, the guest service, the hotel lobby, the room service, the hotel mail",
        """
        how can i cancel | a hotel room before arrival | the room is free to cancel until the evening before | the hotel never allows you to cancel | you pay the full stay to cancel
        is breakfast part of | the price of the room | breakfast comes with every room | breakfast is sold by the beach bar | breakfast is only for club members
        when may i enter | the hotel room on arrival | the room is ready in the early afternoon | the room is ready after midnight | the room is ready before breakfast
        """,
        """
        how do i get | a late check out from the hotel | the front desk grants it on the last morning | the cleaner decides at the door | you must book another night
        what does the hotel keep | if i leave before the last night | the hotel keeps the next night only | the hotel keeps every night | the hotel keeps nothing at all
        who pays when | the hotel has given my room away | the hotel pays for a room nearby | the guest pays and then waits | the travel site sends a voucher
        """,
    ),
    _topic(
        "internet",
        228,
        "home wifi, wifi, wifi router, internet router, router at home, internet wifi, wifi at home, broadband router",
        "is very slow, drops every hour, has no signal, shows a red light, stopped after an update, does not reach the bedroom, "
        "keeps losing the connection, blinks all night, has low speed, went offline",
        "the speed test, the router light, the wifi app, the network page, the router menu, the line check, the modem screen, the internet help page",
        """
        how do i restart | the wifi router the proper way | pull the plug and wait a minute | hold the button until it gets hot | take the cover off the router
        where should i place | the router for good wifi | put it high and in the open | put it behind the television | put it on the kitchen floor
        what does it mean when | the wifi router light is red | a red light means no signal on the line | a red light means a new update | a red light means all is well
        """,
        """
        how can i change | the wifi channel of my router | pick a channel in the wireless menu | the channel is fixed at the factory | the channel follows the weather
        why is the router wifi | so slow in the far rooms | thick walls weaken the wireless signal | the cable takes the speed away | the meter limits the wireless
        can i use my own router | for the home wifi | any router with a fibre port works | no other router is allowed | you must paint the port first
        """,
    ),
    _topic(
        "washing",
        232,
        "washing machine, new washing machine, old washing machine, laundry machine, washer, front load washer, washer in the cellar, laundry washer",
        "leaks on the floor, does not spin, smells of smoke, shakes too much, will not drain, leaves the laundry wet, "
        "makes a loud noise, does not heat the water, stops in the rinse cycle, eats my socks",
        "the drum, the washing display, the door seal, the drain pump, the repair man, the washer manual, the spin cycle, the soap drawer",
        """
        how do i clean | the filter of the washing machine | the filter sits behind the small flap below | the filter sits in the water tap | the filter cleans itself each spring
        why does the drum | not spin with a full load | an uneven load stops the spin | a cold room stops the spin | too little soap stops the spin
        how much soap goes in | for a normal wash load | one small cup of soap is enough | fill the drawer to the top | no soap is needed with soft water
        """,
        """
        what should i check when | the washer does not drain | check the hose for a bend first | check the colour of the soap | check the glass of the door
        does the warranty cover | the washing machine door seal | the seal is covered in the first year | seals are never covered | the seal is covered with the motor only
        how do i open | the washing machine after a power cut | pull the release cord near the filter | break the glass with care | turn the drum by hand
        """,
    ),
    _topic(
        "medicine",
        242,
        "prescription, repeat prescription, medicine, heart medicine, allergy tablets, cough medicine, pain tablets, medicine from the pharmacy",
        "is not ready, was sent to another pharmacy, ran out, has the wrong dose, was refused by the pharmacy, needs a doctor to sign, "
        "came without a leaflet, looks like another brand, upsets my stomach, was not renewed by the doctor",
        "the pharmacy, the doctor, the nurse, the pharmacy desk, the clinic, the chemist, the prescription page, the pharmacy line",
        """
        how do i renew | a repeat prescription | ask for the repeat on the prescription page | visit the hospital for each repeat | the repeat renews itself for life
        can i take the tablets | together with food | take them with a light meal | take them only with coffee | take them on an empty stomach only
        what if i forget | one dose of my medicine | skip it and take the next dose as usual | take a double dose at once | stop the whole treatment
        """,
        """
        may the pharmacy swap | my medicine for another brand | a swap is fine with the same active drug | a swap is always forbidden | a swap is fine with any colour
        where do i return | old medicine that i do not need | bring it back to any pharmacy | pour it into the sink | give it to a friend
        who can collect | my prescription when i am ill | a friend with a letter from you can collect | nobody else can collect | any person in the queue can collect
        """,
    ),
    _topic(
        "gym",
        222,
        "gym membership, fitness class, yoga class, gym pass, personal trainer, gym card, swimming class, training plan",
        "was charged after i left, is always full, was cancelled by the coach, does not open the gate, starts too early, is too hard for me, "
        "lost its discount, has a new trainer, shows no free place, ends next month",
        "the gym desk, the coach, the trainer, the fitness app, the class plan, the gym staff, the changing room crew, the gym schedule",
        """
        how can i pause | my gym membership | you can pause it in the fitness app | only a doctor can pause it | a pause ends the membership
        can i bring a friend | to a fitness class | a friend may join one class for free | friends must stay outside | friends pay for the whole year
        what should i bring | to my first yoga class | bring a towel and some water | bring a heavy coat | bring your own mirror
        """,
        """
        how early must i cancel | a gym class without a fee | cancel it by the evening before | cancel it a month before | cancel it while the class runs
        does the gym card work | in your other gym clubs | the card opens every club of the chain | the card opens one club only | the card opens a club on request
        who may change | the training plan of my coach | your coach updates the plan with you | the front door updates the plan | nobody may touch the plan
        """,
    ),
    _topic(
        "pets",
        226,
        "dog, old dog, puppy, cat, young cat, kitten, dog with a bad leg, cat from the shelter",
        "will not eat, hurt a paw, has an itchy ear, limps after the walk, needs a vaccine, keeps scratching the fur, "
        "ate some chocolate, is afraid of the vet, lost some fur, barks at every animal",
        "the vet, the animal clinic, the vet nurse, the pet insurance, the dog trainer, the animal shelter, the pet doctor, the vet desk",
        """
        how do i claim | the vet bill for my pet | send the bill with the claim form | the vet claims it from the shelter | show the bill to your dog trainer
        does the pet cover | include a yearly vaccine | one vaccine a year is included | vaccines are left out for all pets | vaccines are for horses only
        how often should i feed | a very young pet | feed it small meals through the day | feed it once a week | feed it only at night
        """,
        """
        is a sick tooth | part of my pet insurance | teeth are covered after an accident | teeth are covered with gold only | teeth are covered by the food maker
        can i choose | any vet for the operation of my pet | any licensed vet may operate | only a vet on an island may operate | the shelter picks the vet
        what must i do if | my pet ate something toxic | call the vet line at once | give it milk and wait | let it sleep until morning
        """,
    ),
    _topic(
        "solar",
        235,
        "solar panel, solar roof, roof with solar panels, solar battery, solar inverter, new solar panel, solar system, panel on the garage roof",
        "makes no power, shows a fault, gives less energy in winter, has bird dirt on it, was hit by hail, stores no energy, "
        "hums all day, feeds nothing to the grid, lost power at noon, sits in the shade",
        "the solar installer, the energy meter, the inverter screen, the power company, the solar app, the roof crew, the grid office, the energy report",
        """
        how do i clean | the solar panels on my roof | rinse the panels with plain water | rub the panels with sand | paint the panels each year
        where can i see | the energy from my solar panels | the solar app shows the energy by day | the energy is printed on the roof | the sun shows the energy
        do solar panels work | on a cloudy day | they work with less power under clouds | they stop under any cloud | they work better under clouds
        """,
        """
        how am i paid for | solar power sent to the grid | the power company credits your bill | the grid sends you cash by mail | the installer keeps the money
        what does the inverter do | when the grid is down | the inverter switches off for safety | the inverter runs at double speed | the inverter feeds the whole town
        can i add a battery | to my solar roof later | a battery fits with a hybrid inverter | a battery fits in the chimney only | a battery can never be added
        """,
    ),
)

TIMES = _split(
    "last week, this morning, a while ago, since the weekend, after the holiday, yesterday evening, some days ago, over the weekend, earlier today, "
    "just now, late last night, the other day, before my trip, around noon, since the storm, during lunch"
)
ASIDES = _split(
    "just to be sure, if you know, in a case like this, as of today, generally speaking, in plain words, when things are busy, for a beginner, "
    "without much trouble, as a new member, in the end, under your rules, with little time, if at all possible, on a normal day, for my own notes"
)
REASONS = _split(
    "so that i can plan, before i do it, since nobody told me, as my friend asked, because i must decide, now that it is open, while i still can, "
    "to save some money, as i have no clue, since i read both things, because it is my turn, to keep it short, before the others ask, "
    "so that we agree, as the page is vague, now that i am home, because my partner wonders, since i was away, to be on the safe side, as it is my first time"
)
COMPLAINTS = _split(
    "gave me no answer, seems confused too, told me to wait, keeps changing its mind, sent me to you, shows only an error, says nothing useful, "
    "was of no help, gave two different answers, asked me to call back, did not explain it, wants me to write here, closed my request, has gone quiet"
)
OPENERS = _split("hello there, hi, good morning, hello team, hello again, good evening, good day, sorry to bother you, quick question, hi everyone")
FOLLOW_UPS = _split("thanks for that, ok and one more thing, i see, understood, that helps a bit, good to know, one last question, thank you so far")
CLOSERS = _split(
    "thanks a lot, please advise, many thanks, any help is welcome, i need this soon, i am a bit lost, thank you so much, this matters to me, "
    "hope you can help, please keep it simple, i would like to know today, thanks in advance"
)
LEADS = (
    "my {subject} {event} {time}",
    "i noticed {time} that my {subject} {event}",
    "{time} my {subject} {event}",
    "it seems my {subject} {event} {time}",
    "i think my {subject} {event} {time}",
    "to my surprise my {subject} {event} {time}",
    "i write because my {subject} {event} {time}",
)

STYLES: dict[str, tuple[str, ...]] = {
    "borealis": ("happy to help with this one", "of course we are glad to help"),
    "aster": ("here is the short answer", "this is how it works"),
}

FILLER = (
    "please let us know if anything is still not clear.",
    "we are always here if you need us again.",
    "it is good that you asked before doing anything else.",
    "many people ask the same thing, so you are in good company.",
    "take your time and go step by step.",
    "most people find that this is easy once they have done it.",
    "we know that this can be annoying, and we are sorry for the trouble.",
    "there is nothing else that you need to prepare for now.",
    "if you are not sure, just write to us again and we will look into it.",
    "we wish you a very nice day.",
    "thank you for your patience.",
    "that is all you need to know.",
    "we hope that this helps.",
    "feel free to come back with more questions.",
    "it usually goes well.",
    "all the best from our team.",
    "you are doing fine.",
    "no need to worry.",
    "we are glad to help.",
    "thank you.",
    "take care.",
    "all good.",
    "until soon.",
    "as always.",
    "well then.",
    "cheers.",
)
