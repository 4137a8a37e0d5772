"""Which drawing, in which colours, under which word: a product's category and department decide."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["GROUNDS", "Kind", "ground_of", "kind_of"]


class Kind(Struct, frozen=True):
    """What a tile shows."""

    glyph: str
    label: str
    colours: tuple[str, ...]
    """Of the drawing; an item's id picks one, so that two sodas differ."""


_RED = ("#d9483b", "#c73e4a", "#e0634a")
_ORANGE = ("#ef8f3c", "#e9a23b", "#e57b3f")
_YELLOW = ("#f2c14e", "#f4d06a", "#eab94a")
_GREEN = ("#7cab55", "#5f9a63", "#93b84f")
_BLUE = ("#4f8fc4", "#5aa3d0", "#3f7cb8")
_BERRY = ("#c2415f", "#8f4a92", "#d35d7e")
_BROWN = ("#b9773f", "#a5683c", "#c78a50")
_MEAT = ("#c9574f", "#b84a4a", "#d26a5c")
_GOLD = ("#dba24a", "#e0b060", "#cf9140")
_PASTEL = ("#8fb8de", "#f0a8b8", "#a8cfa0", "#f3c583")
_VIVID = ("#d9483b", "#3f7cb8", "#ef8f3c", "#5f9a63", "#8f4a92")
_TEAL = ("#3f9c95", "#58b0a0", "#4a8fa8")
_ICE = ("#6fb1d6", "#5b9fca", "#82bfdd")
_ROSE = ("#d8557b", "#e27f94", "#b8446f")
_DARK = ("#54606a", "#6a5b74", "#4c6673")

# First match wins: each word is looked for where a word of the category's slug begins (`oil` is not in `toilet`). More
# particular lines stand before broader ones.
_RULES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("frozen-pizza pizza", "pizza", "Pizza", _RED),
    ("ice-cream-bars pops novelties", "popsicle", "Ice pops", _BERRY + _ICE),
    ("ice-cream sherb", "icecream", "Ice cream", _ROSE + _BROWN),
    ("frozen-potato fries", "fries", "Fries", _RED),
    ("frozen-fruit", "berry", "Frozen fruit", _BERRY),
    ("frozen-fish frozen-seafood breaded-seafood", "fish", "Fish", _ICE),
    ("frozen-bread refrigerated-dough dough", "croissant", "Dough", _GOLD),
    ("frozen-dessert frozen-pie", "pie", "Dessert", _GOLD),
    ("frozen-breakfast", "sandwich", "Breakfast", _GOLD),
    ("frozen-juice", "juice", "Juice", _ORANGE),
    ("frozen-chicken ready-to-eat-chicken", "drumstick", "Chicken", _BROWN),
    ("frozen-poultry burger", "sandwich", "Burgers", _BROWN),
    ("frozen", "frozen", "Frozen", _ICE + _TEAL),
    ("soy-rice-drinks milk-cream canned-milk fluid-milk natural-dairy milk", "milk", "Milk", _BLUE + _ICE),
    ("yogurt", "cup", "Yogurt", _PASTEL),
    ("sour-cream cottage pudding gelatin dip", "cup", "Creamy", _PASTEL),
    ("deli-cheese cheese", "cheese", "Cheese", _YELLOW),
    ("peanut-butter jam jelly", "jar", "Spread", _BROWN + _BERRY),
    ("butter margarine spread", "butter", "Butter", _YELLOW),
    ("egg", "eggs", "Eggs", ("#8aa6a3", "#9fb08a", "#a99fb8")),
    ("apple", "apple", "Apples", _RED + _GREEN),
    ("banana", "banana", "Bananas", _YELLOW),
    ("tropical", "banana", "Tropical", _YELLOW),
    ("citrus orange lemon", "citrus", "Citrus", _ORANGE + _YELLOW),
    ("pickle relish", "jar", "Pickles", _GREEN),
    ("berries", "berry", "Berries", _BERRY),
    ("raisins dried-fruit grape", "grapes", "Grapes", ("#7f4f93", "#8fae4f", "#a0436a")),
    ("melon cut-fruit", "melon", "Melon", ("#e8655a", "#f0a15a")),
    ("canned foil-pan canning", "can", "Cans", _GREEN + _RED + _BLUE),
    ("stone-fruit peach canned-fruit", "peach", "Stone fruit", _ORANGE),
    ("pears pear", "pear", "Pears", ("#b8c257", "#c9b94e")),
    ("herb", "herb", "Herbs", _GREEN),
    ("mushroom", "mushroom", "Mushrooms", ("#b98f6b", "#c9a98a")),
    ("broccoli", "broccoli", "Broccoli", _GREEN),
    ("carrot", "carrot", "Carrots", _ORANGE),
    ("pancake flour sugar baking", "sack", "Baking", _BLUE + _PASTEL),
    ("sweet-corn corn", "corn", "Corn", _YELLOW),
    ("squash pumpkin halloween fall-winter", "pumpkin", "Pumpkin", _ORANGE),
    ("pepper", "pepper", "Peppers", ("#d9483b", "#f0b03f", "#6fa84f")),
    ("potato", "potato", "Potatoes", ("#c79a62", "#b9864f")),
    ("onion", "onion", "Onions", ("#b5658a", "#d3a05a")),
    ("tomato", "tomato", "Tomatoes", _RED),
    ("salad-dressing dressing mayonnaise", "bottle", "Dressing", _YELLOW + _GREEN),
    ("salad-bar salads prepared", "salad", "Salad", _TEAL),
    ("salad lettuce organic-fruit vegetable", "leafy", "Greens", _GREEN),
    ("nuts", "nuts", "Nuts", _BROWN),
    ("popcorn", "popcorn", "Popcorn", _RED),
    ("chips snack-mix rice-cake deli-snack natural-chips", "chips", "Snacks", _VIVID),
    ("cracker", "cracker", "Crackers", _GOLD),
    ("bakery-cookies cookie", "cookie", "Cookies", _GOLD + _BROWN),
    ("breakfast-bars fitness-diet bars toaster", "chocolate", "Bars", _GREEN + _ORANGE),
    ("donut pastr brownie sweet-roll", "donut", "Sweet bakes", _ROSE + _BROWN),
    ("snack-cake cakes cake", "cake", "Cake", _ROSE + _PASTEL),
    ("pies pie", "pie", "Pie", _GOLD),
    ("cereal natural-breakfast", "cereal", "Cereal", _VIVID),
    ("oatmeal hot-cereal", "bowl", "Oats", _GOLD),
    ("candy-bars gum chocolate", "chocolate", "Chocolate", _RED + _BLUE),
    ("valentine", "heart", "With love", _ROSE),
    ("candy sweets", "candy", "Candy", _BERRY + _ORANGE),
    ("bread buns rolls tortilla", "bread", "Bread", _GOLD + _BROWN),
    ("sushi", "sushi", "Sushi", _ORANGE),
    ("sandwich", "sandwich", "Sandwich", _GOLD),
    ("hot-dog", "hotdog", "Hot dogs", _MEAT),
    ("sausage", "sausage", "Sausage", _MEAT + _BROWN),
    ("bacon", "bacon", "Bacon", _MEAT),
    ("lunchmeat deli-meat ham smoked pork veal lamb", "ham", "Cold cuts", ("#e59a92", "#d98a86", "#e8a99a")),
    ("toys", "toy", "Toys", _VIVID),
    ("chicken turkey poultry fowl", "drumstick", "Poultry", _BROWN),
    ("beef steak fresh-meat packaged-meat", "steak", "Beef", _MEAT),
    ("heat-serve dinner-mix meals natural-pantry world-foods special-diet", "bowl", "Dinner", _ORANGE + _TEAL),
    ("fresh-seafood fish", "fish", "Fish", _ICE + _TEAL),
    ("seafood shrimp", "shrimp", "Seafood", ("#ef8a73", "#f09f83")),
    ("soup", "bowl", "Soup", _RED + _GOLD),
    ("pasta-sauce condiment sauce olive", "jar", "Sauce", _RED + _ORANGE + _GREEN),
    ("pasta noodle", "pasta", "Pasta", _YELLOW),
    ("rice bean", "sack", "Rice & beans", _GREEN + _RED),
    ("spice extract gravy", "shaker", "Spices", _ORANGE + _RED),
    ("oil", "oil", "Oil", _YELLOW),
    ("topping syrup", "bottle", "Syrup", _BROWN),
    ("cocktail wine sparkling", "wine", "Wine", ("#8f2f4a", "#6d7f3f", "#b5566f")),
    ("spirits liquor", "bottle", "Spirits", _BROWN),
    ("beer ale", "beer", "Beer", _GOLD),
    ("coffee-shop coffee-filter", "mug", "Coffee", _BROWN + _RED),
    ("energy-drinks sports-drink isotonic", "bottle", "Sports drink", _BLUE + _ORANGE),
    ("iced-tea tea-coffee coffee cocoa", "mug", "Coffee", _RED + _BROWN),
    ("tea", "mug", "Tea", _GREEN),
    ("juice", "juice", "Juice", _ORANGE + _GREEN),
    ("water ice", "bottle", "Water", _ICE),
    ("soft-drink soda", "soda", "Soda", _VIVID),
    ("drink beverage", "bottle", "Drinks", _VIVID),
    ("infant-formula bottles-baby", "babybottle", "Baby", _PASTEL),
    ("baby-food", "jar", "Baby food", _PASTEL),
    ("diaper baby incontinence feminine", "tissues", "Care", _PASTEL),
    ("reading-glasses first-aid foot-care home-health", "plaster", "First aid", ("#e0ab85", "#d99a72")),
    ("pain cold-flu sinus antacid digestive vitamin supplement diet-nutrition quit eye-ear family-planning",
     "pillbox", "Pharmacy", _TEAL + _BLUE + _ORANGE),
    ("oral", "tube", "Oral care", _BLUE + _TEAL),
    ("makeup beauty", "lipstick", "Beauty", _ROSE),
    ("fragrance", "perfume", "Fragrance", _ROSE + _PASTEL),
    ("shav hair skin soap body deodorant sun-care bath natural-body", "pump", "Body care", _TEAL + _ROSE + _PASTEL),
    ("toilet paper-towel foil", "roll", "Paper", _BLUE + _TEAL),
    ("tissues napkin", "tissues", "Tissues", _PASTEL),
    ("laundry fabric dish bleach", "jug", "Cleaning", _BLUE + _ORANGE + _TEAL),
    ("cleaner air-fresh pest ironing natural-household", "spray", "Cleaning", _TEAL + _BLUE),
    ("broom mop sponge", "broom", "Household", _GOLD),
    ("light-bulb electrical batter", "bulb", "Electrical", _YELLOW),
    ("cat dog pet bird", "paw", "Pets", ("#a87b5a", "#7d8f9a", "#c08457")),
    ("bouquet roses flower balloon-flower", "flower", "Flowers", _ROSE + _YELLOW + _BERRY),
    ("plant garden vase", "plant", "Plants", _GREEN),
    ("balloon firework", "balloon", "Party", _VIVID),
    ("christmas", "tree", "Christmas", ("#4d8a5b", "#3f7a63")),
    ("easter", "eggs", "Easter", _PASTEL),
    ("gift seasonal spring dollar collectible watch fan-gear", "gift", "Gifts", _VIVID),
    ("greeting card", "envelope", "Cards", _PASTEL),
    ("stationery school sewing", "pencil", "Stationery", _YELLOW + _TEAL),
    ("book magazine newspaper movie film", "book", "Reading", _VIVID),
    ("candle", "candle", "Candles", _PASTEL),
    ("cookware charcoal small-appl kitchen", "pan", "Kitchen", _DARK),
    ("glassware dinnerware disposable-tableware", "glass", "Table", _TEAL + _ORANGE),
    ("hardware car-care handy furniture", "tool", "Hardware", _DARK),
    ("cloth hosiery sock textile apparel shoe", "shirt", "Clothing", _VIVID),
)  # fmt: skip

_OF_DEPARTMENT: dict[str, Kind] = {
    "produce": Kind("leafy", "Fresh", _GREEN),
    "meat": Kind("steak", "Meat", _MEAT),
    "packaged-meat": Kind("ham", "Meat", _MEAT),
    "seafood": Kind("fish", "Seafood", _ICE),
    "deli": Kind("sandwich", "Deli", _GOLD),
    "bakery": Kind("bread", "Bakery", _GOLD),
    "dairy-eggs": Kind("milk", "Dairy", _BLUE),
    "pantry": Kind("can", "Pantry", _RED),
    "drinks": Kind("bottle", "Drinks", _VIVID),
    "pets": Kind("paw", "Pets", _BROWN),
    "health": Kind("pillbox", "Health", _TEAL),
    "baby": Kind("babybottle", "Baby", _PASTEL),
    "beauty": Kind("lipstick", "Beauty", _ROSE),
    "seasonal": Kind("gift", "Seasonal", _VIVID),
    "flowers-garden": Kind("flower", "Flowers", _ROSE),
    "articles": Kind("book", "To read", _TEAL),
    "article": Kind("book", "To read", _TEAL),
}
_UNKNOWN = Kind("box", "", ("#b08a5f", "#9a8f7a", "#8fa08a"))

GROUNDS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("produce natural flowers garden salad", ("#eef5e2", "#dcebc8", "#46683a")),
    ("meat packaged-meat", ("#fbeae4", "#f4d6cc", "#8a4238")),
    ("seafood frozen", ("#e6f2f8", "#cfe4f0", "#2f6480")),
    ("bakery breakfast deli", ("#fbf1de", "#f3e0bd", "#86602a")),
    ("dairy", ("#eaf1fb", "#d5e3f6", "#3a5c8c")),
    ("drinks beer", ("#eaf3f3", "#d0e5e4", "#2f6566")),
    ("snacks", ("#fdeee6", "#f9dac6", "#934f2b")),
    ("pantry", ("#fbf0e2", "#f3dcc0", "#83552a")),
    ("baby", ("#fdf0f3", "#f8dde4", "#8f4c63")),
    ("health", ("#e7f4f1", "#cfe8e2", "#2c6a5f")),
    ("household", ("#eaf0f8", "#d4e0f0", "#3c5884")),
    ("beauty cards", ("#fbecf3", "#f3d5e4", "#87406a")),
    ("pets home", ("#f4efe8", "#e6dccd", "#6b563c")),
    ("books seasonal article", ("#f0edf8", "#dfd9f0", "#574b86")),
)
"""Words of a department's slug -> the tile's ground: lighter, deeper, and the colour of its word."""

_PLAIN = ("#f3f1ec", "#e6e2d8", "#5d574a")


def kind_of(department: str, category: str) -> Kind:
    """What to draw for these slugs (`dairy-eggs`, `milk-cream`): by category, else by department, else a box."""
    for words, glyph, label, colours in _RULES:
        if any(f"-{word}" in f"-{category}" for word in words.split()):
            return Kind(glyph, label, colours)
    return _OF_DEPARTMENT.get(department, _UNKNOWN)


def ground_of(department: str) -> tuple[str, str, str]:
    """Lighter, deeper, and the word's colour."""
    for words, ground in GROUNDS:
        if any(word in department for word in words.split()):
            return ground
    return _PLAIN
