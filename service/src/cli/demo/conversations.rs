//! What made-up callers say, and where they are.

/// A conversation about one thing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Talk {
    pub(super) service: &'static str,
    pub(super) cities: [&'static str; 3],
    /// `CITY` stands for the city.
    pub(super) transcript: &'static str,
    pub(super) summary: &'static str,
}

impl Talk {
    pub(super) fn in_city(text: &str, city: &str) -> String {
        text.replace("CITY", city)
    }
}

const ISRAEL: [&str; 3] = ["תל אביב", "חיפה", "באר שבע"];
const ENGLAND: [&str; 3] = ["London", "Leeds", "Bristol"];

pub(super) const TALKS: [Talk; 8] = [
    Talk {
        service: "אינסטלציה",
        cities: ISRAEL,
        transcript: "שלום, יש לי נזילה מתחת לכיור במטבח. אני גר בCITY, קומה 3. מתי אפשר להגיע? היום אחרי 16:00 מצוין, תודה.",
        summary: "נזילה מתחת לכיור בCITY; הטכנאי יגיע היום אחרי 16:00.",
    },
    Talk {
        service: "חשמלאי",
        cities: ISRAEL,
        transcript: "היי, נפל לי החשמל בכל הבית ב-CITY, והמפסק לא עולה. זה דחוף, יש לי תינוק בבית. כמה זה עולה?",
        summary: "הפסקת חשמל בדירה בCITY, דחוף; ביקש הצעת מחיר.",
    },
    Talk {
        service: "מיזוג אוויר",
        cities: ISRAEL,
        transcript: "בוקר טוב, המזגן מטפטף מים לסלון. הדגם הוא Tadiran Alpha 12. אני בCITY, ונוח לי מחר בבוקר.",
        summary: "מזגן מטפטף בCITY; תור למחר בבוקר.",
    },
    Talk {
        service: "מנעולן",
        cities: ISRAEL,
        transcript: "שלום, ננעלתי מחוץ לדירה בCITY. הדלת היא רב-בריח. תוך כמה זמן אתם מגיעים?",
        summary: "נעול מחוץ לדירה בCITY; מנעולן בדרך.",
    },
    Talk {
        service: "plumbing",
        cities: ENGLAND,
        transcript: "Hi, the boiler has lost pressure again and there is no hot water. We are in CITY. Could somebody come today?",
        summary: "Boiler without pressure in CITY; wants a visit today.",
    },
    Talk {
        service: "electrician",
        cities: ENGLAND,
        transcript: "Hello, two sockets in the kitchen are dead since this morning. I live in CITY. No, nothing smells of burning.",
        summary: "Dead sockets in a kitchen in CITY; not urgent.",
    },
    Talk {
        service: "locksmith",
        cities: ENGLAND,
        transcript: "I have locked myself out, and the dog is inside. CITY, near the station. How long will it take you?",
        summary: "Locked out in CITY; locksmith on the way.",
    },
    Talk {
        service: "air conditioning",
        cities: ENGLAND,
        transcript: "Good morning, we would like the office units serviced before summer. We have six of them, in CITY.",
        summary: "Service of six units in CITY; to be called back with a quote.",
    },
];
