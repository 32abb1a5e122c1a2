"""What synthetic people are made of. Cities and their post codes are real, the people and streets are not."""

from __future__ import annotations

# A wall of quotes would read worse than split().
FIRST_NAMES = (  # noqa: SIM905
    "Aaron Abigail Adam Agnes Aisha Alan Albert Alejandra Alice Alma Amara Amelia Amy Ana Andrew Anita Ann Anna "
    "Anna-Maria Antonio Arthur Ásta Astrid Barbara Beatriz Ben Björn Bridget Bruno Carla Carmen Caroline Cecilia "
    "Charles Chloé Clara Claude Daniel David Deborah Diana Dmitri Dorothy Edith Edward Elena Eleanor Eli Elise "
    "Elżbieta Emil Emma Eric Esther Ethan Eva Fatima Félix Fiona Florence Frances Frank Gabriel George Gerda Grace "
    "Greta Gwen Hannah Harold Hassan Helen Henry Hugo Ian Ida Ingrid Irene Isaac Ivan Jack Jacqueline James Jane "
    "Jasper Jean-Luc Jesús Joan John Jonas José Joseph Joyce Juan Judith Julia Karen Karl Katarzyna Kenji Klara "
    "Kwame Lars Laura Leila Leo Lillian Linda Louis Lucía Lucy Łukasz Magnus Mai Malik Margaret María Mark Marta "
    "Martin Mary Mary-Jane Matteo Max Mia Michael Miriam Mohammed Nadia Naomi Nathan Nina Noah Nora Olga Oliver "
    "Olivia Omar Oscar Øyvind Patricia Paul Pedro Peter Philip Priya Rachel Ravi Rebecca Renée Richard Robert Rosa "
    "Ruth Samuel Sara Seán Simon Sofía Søren Stella Susan Svetlana Sylvia Theo Thomas Tomás Ulrich Ursula Vera "
    "Victor Vincent Viola Walter Wanda William Xavier Yara Yasmin Yusuf Zara Zoë"
).split()

LAST_NAMES = (  # noqa: SIM905
    "Abbott Adams Ahmed Almeida Andersen Armstrong Baker Banerjee Barnes Becker Bennett Berg Blake Bouchard Brandt "
    "Brennan Brooks Brown Burke Campbell Carter Castillo Chandra Chen Clarke Collins Cooper Costa Cruz D'Angelo "
    "D'Souza Dahl Davies Diaz Dixon Doyle Duarte Dubois Edwards Eriksson Esposito Evans Fernández Fischer Fleming "
    "Fletcher Flores Foster Fournier Fraser García García-López Gibson Goldberg González Graham Grant Greene Gupta "
    "Haas Hall Hansen Harper Harris Hayes Hernández Hill Hoffmann Holm Horváth Howard Hughes Hussein Ito Ivanov "
    "Jackson Jansen Jenkins Jensen Johansson Jones Joshi Kaplan Kaur Keller Kelly Khan Kim Klein Kowalski Kovács "
    "Kumar Lambert Larsen Lee Lefèvre Lewis Lindqvist López Łuczak Marino Marshall Martínez Mendes Meyer Miller "
    "Mitchell Moore Morales Moreau Morgan Müller Murphy Nakamura Navarro Nguyen Nielsen Novák Nowak Núñez O'Brien "
    "O'Connor O'Neill O'Shea Okafor Olsen Ortega Owens Palmer Park Patel Pereira Peters Petrov Phillips Popescu "
    "Quinn Ramos Reed Reyes Rhodes Rivera Roberts Robinson Romero Rossi Ruiz Ryan Saito Sánchez Santos Schmidt "
    "Schneider Shah Silva Singh Smith Smith-Jones Sokolov Sørensen Stewart Stone Sullivan Svensson Taylor Thompson "
    "Torres Tran Turner Vargas Vega Virtanen Wagner Walker Walsh Ward Watson Weber White Wilson Wójcik Wood Wright "
    "Yamada Yılmaz Young Zając Zhang Zimmermann"
).split()

OTHER_SCRIPTS = (("伟", "李"), ("さくら", "佐藤"), ("Жанна", "Кузнецова"), ("Ελένη", "Παππά"), ("민준", "김"))

DOMAINS = (
    "example.com", "example.com", "example.com", "example.org", "example.org", "example.net", "mail.example.com",
    "club.example.org", "post.example.net", "school.example.org",
)  # fmt: skip

# City, state, post code, and an area code of it: its numbers 555-0100 to 555-0199 are kept for fiction.
CITIES = (
    ("Springfield", "MA", "01103", "413"), ("Worcester", "MA", "01608", "508"), ("Boston", "MA", "02116", "617"),
    ("Cambridge", "MA", "02139", "617"), ("Lowell", "MA", "01852", "978"), ("Providence", "RI", "02903", "401"),
    ("Hartford", "CT", "06103", "860"), ("New Haven", "CT", "06510", "203"), ("Concord", "NH", "03301", "603"),
    ("Portland", "ME", "04101", "207"), ("Burlington", "VT", "05401", "802"), ("Newark", "NJ", "07102", "973"),
    ("Trenton", "NJ", "08608", "609"), ("Albany", "NY", "12207", "518"), ("Ithaca", "NY", "14850", "607"),
    ("New York", "NY", "10011", "212"), ("Philadelphia", "PA", "19103", "215"), ("Columbus", "OH", "43215", "614"),
    ("Chicago", "IL", "60614", "312"), ("Madison", "WI", "53703", "608"), ("Saint Paul", "MN", "55102", "651"),
    ("Austin", "TX", "78701", "512"), ("Denver", "CO", "80203", "303"), ("Seattle", "WA", "98101", "206"),
    ("Portland", "OR", "97205", "503"), ("San Diego", "CA", "92101", "619"),
)  # fmt: skip
CANADIAN_CITIES = (("Toronto", "ON", "M5V 2T6", "416"), ("Vancouver", "BC", "V6B 1A1", "604"))

STATE_NAMES = {
    "MA": "Massachusetts", "NY": "New York", "CT": "Connecticut", "NJ": "New Jersey", "TX": "Texas", "ON": "Ontario",
}  # fmt: skip

STREETS = (
    "Maple Street", "Oak Avenue", "River Road", "Mill Lane", "Church Street", "Cedar Court", "Elm Street", "Park Place",
    "Sunset Drive", "Lakeview Terrace", "Station Road", "Orchard Way", "Hill Street", "Meadow Lane",
)  # fmt: skip

ROLES = ("Guide", "Treasurer", "Teacher", "Nurse", "Driver", "Editor", "Engineer", "Librarian", "Retired", "Student")
FORMS = ("Website", "Open day", "Spring fair", "Paper form", "Phone")
COMPANIES = ("Example Mills", "Northwind Example", "Example & Sons", "Lakeside Example Co", "Example Press")
