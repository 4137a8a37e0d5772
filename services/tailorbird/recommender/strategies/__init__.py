"""Which ways of recommending are there? One file each; a shelf names the one that fills it.

Start with `strategy.py`, which says what a strategy is, then `for_you.py`.
"""

from __future__ import annotations

from tailorbird.recommender.strategies.articles import Articles
from tailorbird.recommender.strategies.buy_again import BuyAgain
from tailorbird.recommender.strategies.complements import Complements
from tailorbird.recommender.strategies.for_you import ForYou
from tailorbird.recommender.strategies.new_in_your_categories import NewInYourCategories
from tailorbird.recommender.strategies.popular import Popular
from tailorbird.recommender.strategies.referrer import Referrer
from tailorbird.recommender.strategies.resume import Resume
from tailorbird.recommender.strategies.search import Search
from tailorbird.recommender.strategies.similar import Similar
from tailorbird.recommender.strategies.strategy import Strategy
from tailorbird.recommender.strategies.trending import Trending

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        ForYou(),
        BuyAgain(),
        Similar(),
        Complements(),
        Trending(),
        NewInYourCategories(),
        Resume(),
        Search(),
        Referrer(),
        Articles(),
        Popular(),
    )
}
"""Name -> strategy."""
