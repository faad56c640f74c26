"""Short word lists that no package has."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English given or family names that are ordinary words as well
NAMES_AND_WORDS = _words(
    """
    will good way may day best love long little house ever case read power small white job less general black law story hope early young
    hand guy true else friend north low short reason red major media art west son street baby chance clear field price summer strong english
    star weeks king park church press worth bill fall green key page council mark ball wall rock brown cross miles fair link justice author
    judge lady sister brain cash spring sunday rich doctor gay captain carry male winter block wood bridge queen glass royal fresh smart
    faith hill rose ring silver stone roll unique lucky boss guard mountain tea victory sky governor beer forest moon powers banks golden
    grant lawyer snow storm cook journey urban flowers bird minor orange tiny bright wing fields bell bond branch heaven lane grace joy rice
    sing princess unknown pink cap fed fee wise junior marks grey bush hunt rush sharp harm hills wash angel charity duke gray gross math
    waters woods chase diamond saint crystal marry ward pace pope hook hunter doc fate wolf bull flood liberty reader fleet foster parks
    precious priest robin bones eve dare gates rivers toy candy clay bass con knight dawn oral brick autumn mercy wells burns divine noble
    mills cruise holder hood hung skip loyal patience villa destiny sandy trace metro cherry shine treasure marvel swift sunshine farmer
    shade rocky horn pearl pepper rod easter ham miracle ridge ace drum harmony silk ally booth bridges cam cliff lemon bee olive butler
    fairy beard freely penny petty elder hull doll chambers savage stack echo essence kidney arch cannon ferry fisher gauge lamb buck
    admiral stark infant bean berry amber porter handy canyon curry kitty sage tab cousins frost lily wade grove downs ginger hay lone champ
    shepherd trinity fry baron holly karma graves marsh marshal shields coral hardy genesis ivory jade melody barber carpenter archer venus
    rails raven gamble merry convey violet sellers sincere mat woody monk crane bliss daisy flint herb herd valentine velvet sparks swords
    butcher summers heath iris brook steer funk creed blaze cinnamon mart dove dusty jewel piper pike ransom willow earnest hare manly
    spears scarlet gill laurel lyric emerald meadow meadows barker weaver poppy miner orchard rosemary unnamed windy icy booker brewer
    cherish almond weir birch skinner finch hazel basil stout prosper boon bunk fielding herring buster mercer bowler misty roach riddle
    steward marquis peacock pleas gorge diver bender stormy brandy deacon hearty hasty leafy serenity gunner glover hooper levy mace chip
    don van ray jet ash sue pat march april june august january february july september october november december monday tuesday wednesday
    thursday friday saturday
    """
)
# kept wherever they stand: a date without its digits says little
MONTHS_AND_DAYS = _words(
    """
    january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday
    sunday
    """
)
# words of place names that are ordinary by themselves
GEOGRAPHY = _words(
    """
    acre au bay borders broken cape casey christmas continental costa creek eastern el es federation fort goose grand grande greater guinea
    harbour ho holy island islands isle jan kingdom los lord northern northwest nova nsw ocean pacific pole port prince republic reunion
    river rio sandwich southern territories territory thunder turkey wake western virgin center central people peoples democratic united
    states state union easter san santa sierra st independent tree swift current rainy bow mountain general knox isla troll palmer davis
    macquarie
    """
)
# parts of names and addresses that say nothing alone
PARTICLES = _words(
    """
    the and for von van der den del las los inc ltd llc gmbh road street avenue apt unit
    """
)
# words that no stratum is named after
STOP_WORDS = _words(
    """
    the and for you your are was were have has had with that this from not but can could would should will what when where which who how why
    does did there their them they then than been being into onto over under about after before again also any all some more most other such
    only just very its it's i'm i've don't doesn't didn't can't isn't won't please thanks thank hello help need want like get got know tell
    let out off one two use using
    """
)
