//! Made-up conversations, and the cities that the callers are in.

/// A conversation about one trade.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conversation {
    pub(super) trade: &'static str,
    pub(super) cities: [&'static str; 3],
    /// `CITY` is the placeholder for one of `cities`.
    pub(super) transcript: &'static str,
    pub(super) summary: &'static str,
}

impl Conversation {
    pub(super) fn fill_in_city(text: &str, city: &str) -> String {
        text.replace("CITY", city)
    }
}

const ISRAEL: [&str; 3] = ["תל אביב", "חיפה", "באר שבע"];
const ENGLAND: [&str; 3] = ["London", "Leeds", "Bristol"];

pub(super) const CONVERSATIONS: [Conversation; 8] = [
    Conversation {
        trade: "אינסטלציה",
        cities: ISRAEL,
        transcript: "שלום, יש לי נזילה מתחת לכיור במטבח. אני גר בCITY, קומה 3. מתי אפשר להגיע? היום אחרי 16:00 מצוין, תודה.",
        summary: "נזילה מתחת לכיור בCITY; הטכנאי יגיע היום אחרי 16:00.",
    },
    Conversation {
        trade: "חשמלאי",
        cities: ISRAEL,
        transcript: "היי, נפל לי החשמל בכל הבית בCITY, והמפסק לא עולה. זה דחוף, יש לי תינוק בבית. כמה זה עולה?",
        summary: "הפסקת חשמל בדירה בCITY, דחוף; ביקש הצעת מחיר.",
    },
    Conversation {
        trade: "מיזוג אוויר",
        cities: ISRAEL,
        transcript: "בוקר טוב, המזגן מטפטף מים לסלון. הדגם הוא Tadiran Alpha 12. אני בCITY, ונוח לי מחר בבוקר.",
        summary: "מזגן מטפטף בCITY; תור למחר בבוקר.",
    },
    Conversation {
        trade: "מנעולן",
        cities: ISRAEL,
        transcript: "שלום, ננעלתי מחוץ לדירה בCITY. יש לי דלת רב-בריח. תוך כמה זמן אתם מגיעים?",
        summary: "נעול מחוץ לדירה בCITY; מנעולן בדרך.",
    },
    Conversation {
        trade: "plumber",
        cities: ENGLAND,
        transcript: "Hi, the boiler has lost pressure again and there is no hot water. We are in CITY. Could somebody come today?",
        summary: "Boiler has lost pressure in CITY; wants a visit today.",
    },
    Conversation {
        trade: "electrician",
        cities: ENGLAND,
        transcript: "Hello, two sockets in the kitchen have been dead since this morning. I live in CITY. No, nothing smells of burning.",
        summary: "Dead sockets in a kitchen in CITY; not urgent.",
    },
    Conversation {
        trade: "locksmith",
        cities: ENGLAND,
        transcript: "I have locked myself out, and the dog is inside. CITY, near the station. How long will it take you?",
        summary: "Locked out in CITY; locksmith on the way.",
    },
    Conversation {
        trade: "air conditioning",
        cities: ENGLAND,
        transcript: "Good morning, we would like the office units serviced before summer. We have six of them, in CITY.",
        summary: "Servicing of six units in CITY; to be called back with a quote.",
    },
];
