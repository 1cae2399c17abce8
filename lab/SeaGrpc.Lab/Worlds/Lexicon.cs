namespace SeaGrpc.Lab.Worlds;

/// <summary>What requests are about: the problems, the objects and the ways to ask.</summary>
internal static class Lexicon
{
    /// <summary>What can be wrong with an object: one word each.</summary>
    public static readonly string[] Problems =
        ["broken", "missing", "late", "leaking", "noisy", "scratched", "bent", "cracked", "dirty", "faulty"];

    /// <summary>What requests are about: one word each, none of them a word of the answers' grammar.</summary>
    public static readonly string[] Objects =
    [
        "lamp", "printer", "laptop", "phone", "tablet", "camera", "toaster", "kettle", "blender", "oven",
        "fridge", "freezer", "dishwasher", "dryer", "heater", "fan", "radio", "television", "speaker", "headset",
        "keyboard", "mouse", "monitor", "router", "modem", "charger", "battery", "cable", "adapter", "projector",
        "scanner", "drone", "robot", "console", "joystick", "clock", "watch", "alarm", "thermostat", "vacuum",
        "mixer", "grill", "stove", "juicer", "grinder", "teapot", "mug", "plate", "bowl", "pan",
        "knife", "fork", "spoon", "bottle", "thermos", "basket", "chair", "table", "desk", "sofa",
        "bed", "mattress", "pillow", "blanket", "curtain", "carpet", "mirror", "shelf", "wardrobe", "drawer",
        "cabinet", "bench", "stool", "ladder", "hammer", "drill", "saw", "wrench", "screwdriver", "toolbox",
        "mower", "shovel", "rake", "hose", "tent", "backpack", "suitcase", "wallet", "purse", "umbrella",
        "jacket", "coat", "shirt", "sweater", "scarf", "hat", "glove", "belt", "boot", "sandal",
        "bicycle", "scooter", "skateboard", "helmet", "tire", "pump", "kayak", "paddle", "racket", "ball",
        "guitar", "piano", "violin", "trumpet", "drum", "flute", "microphone", "amplifier", "book", "notebook",
        "pen", "pencil", "stapler", "calculator", "globe", "puzzle", "doll", "kite", "telescope", "microscope",
    ];

    /// <summary>The ways to ask, with {0} for the object and {1} for the problem.</summary>
    public static readonly string[] Templates =
    [
        "My {0} is {1}, what can you do?",
        "Please help me, my {0} is {1}.",
        "I bought this {0} last week and it is {1}.",
        "The {0} that you sold me is {1}!",
        "Can you help me with my {1} {0}?",
        "Why is my new {0} {1}?",
    ];

    /// <summary>What a system turn may say in the training corpus.</summary>
    public static readonly string[] SystemTexts =
    [
        "You are a helpful assistant.",
        "You are a support agent.",
        "Answer politely.",
    ];
}
