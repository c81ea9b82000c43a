package mail

func voices() []voice {
	return []voice{french(), dutch(), german(), english()}
}

func french() voice {
	return voice{
		first:     []string{"Anaïs", "Benoît", "Chloé", "Émile", "Françoise", "Gaëlle", "Hélène", "Théo"},
		last:      []string{"Dubois", "Lambert", "Dupont-Lefèvre", "Noël", "Mathieu", "Collignon", "De Smet"},
		streets:   []string{"Rue de la Loi", "Avenue des Tilleuls", "Chaussée de Wavre", "Rue Saint-Laurent", "Place du Marché"},
		places:    []string{"1000 Bruxelles", "4000 Liège", "5000 Namur", "7000 Mons", "1348 Louvain-la-Neuve", "6000 Charleroi"},
		companies: []string{"Étude Dubois & Associés", "Mutualité de l'Est SC", "Régie foncière de Namur", "Garage Collignon SRL"},
		number:    "bte", subject: []string{"Votre dossier %s", "Décompte annuel %s", "Mise en demeure %s", "Renouvellement du contrat %s"},
		greeting: "Madame, Monsieur,", closing: "Veuillez agréer, Madame, Monsieur, l'expression de nos sentiments distingués.",
		sentences: []string{
			"Nous avons bien reçu votre demande et vous en remercions.", "Votre référence auprès de nos services est %s.",
			"Le relevé joint reprend les opérations de l'année écoulée, poste par poste.", "Sans réaction de votre part sous quinze jours, nous considérerons ce décompte comme accepté.",
			"La pièce %s nous est parvenue sans signature : merci de nous la renvoyer complétée.", "Notre bureau reste ouvert du lundi au vendredi, de 9 h à 16 h 30.",
			"Le solde sera versé sur le compte que vous nous avez indiqué.", "Conservez ce courrier : il vaut attestation pour l'administration, sous le numéro %s.",
			"Une copie de la présente est adressée à votre conseil.",
		},
		received: "REÇU", page: "Page %d sur %d",
	}
}

func dutch() voice {
	return voice{
		first:     []string{"Anneleen", "Bart", "Céline", "Dries", "Femke", "Jeroen", "Loïs", "Wouter"},
		last:      []string{"Vandenbroucke", "Peeters", "De Smedt", "Janssens", "Van den Bossche", "D'Hondt", "Maes"},
		streets:   []string{"Sint-Katelijnevest", "Kerkstraat", "Nieuwe Steenweg", "Lange Leemstraat", "Grote Markt"},
		places:    []string{"2000 Antwerpen", "9000 Gent", "8000 Brugge", "3000 Leuven", "3500 Hasselt", "2800 Mechelen"},
		companies: []string{"Notariskantoor Peeters & Maes", "Coöperatieve Boekhandel De Zevende Hemel", "Woonmaatschappij Het Dak", "Drukkerij Janssens BV"},
		number:    "bus", subject: []string{"Uw dossier %s", "Jaarafrekening %s", "Ingebrekestelling %s", "Verlenging van contract %s"},
		greeting: "Geachte mevrouw, geachte heer,", closing: "Met de meeste hoogachting,",
		sentences: []string{
			"Wij hebben uw aanvraag goed ontvangen en danken u daarvoor.", "Uw kenmerk bij onze dienst is %s.",
			"De bijgevoegde staat geeft alle verrichtingen van het voorbije jaar weer.", "Zonder reactie binnen vijftien dagen beschouwen wij deze afrekening als aanvaard.",
			"Stuk %s bereikte ons zonder handtekening; gelieve het ingevuld terug te sturen.", "Ons kantoor is open van maandag tot vrijdag, van 9 tot 16.30 uur.",
			"Het saldo wordt gestort op de rekening die u ons hebt meegedeeld.", "Bewaar deze brief: hij geldt als attest onder nummer %s.",
			"Een afschrift gaat naar uw raadsman.",
		},
		received: "ONTVANGEN", page: "Bladzijde %d van %d",
	}
}

func german() voice {
	return voice{
		first:     []string{"Jürgen", "Käthe", "Lukas", "Mareike", "Sören", "Ursula"},
		last:      []string{"Müller", "Schröder", "Großmann", "Pauels", "Heinen", "Lüdenscheidt"},
		streets:   []string{"Hauptstraße", "Aachener Straße", "Klötzerbahn", "Schilsweg", "Vervierser Straße"},
		places:    []string{"4700 Eupen", "4780 Sankt Vith", "4720 Kelmis", "4760 Büllingen", "4730 Raeren"},
		companies: []string{"Kanzlei Heinen & Partner", "Bürgerhilfe Eupen VoG", "Autohaus Pauels GmbH"},
		number:    "bte", subject: []string{"Ihr Vorgang %s", "Jahresabrechnung %s", "Mahnung %s", "Verlängerung des Vertrags %s"},
		greeting: "Sehr geehrte Damen und Herren,", closing: "Mit freundlichen Grüßen",
		sentences: []string{
			"Wir haben Ihren Antrag erhalten und danken Ihnen dafür.", "Ihr Zeichen bei uns lautet %s.",
			"Die beigefügte Aufstellung führt alle Buchungen des vergangenen Jahres auf.", "Hören wir binnen fünfzehn Tagen nichts von Ihnen, gilt die Abrechnung als angenommen.",
			"Das Schriftstück %s traf ohne Unterschrift ein; bitte senden Sie es ausgefüllt zurück.", "Unser Büro ist montags bis freitags von 9 bis 16.30 Uhr geöffnet.",
			"Den Restbetrag überweisen wir auf das von Ihnen genannte Konto.", "Bewahren Sie dieses Schreiben auf: Es gilt als Bescheinigung Nummer %s.",
		},
		received: "EINGEGANGEN", page: "Seite %d von %d",
	}
}

func english() voice {
	return voice{
		first:     []string{"Alice", "Charles", "Fiona", "George", "Maeve", "Oliver"},
		last:      []string{"Whitfield", "O'Connor", "Harrington", "Blake", "Fairfax-Moore"},
		streets:   []string{"Rue Froissart", "Avenue de Tervueren", "Rue du Trône", "Square Ambiorix"},
		places:    []string{"1040 Etterbeek", "1150 Woluwe-Saint-Pierre", "1050 Ixelles", "1180 Uccle"},
		companies: []string{"Harrington & Blake Translators", "European Chess Circle asbl", "Northern Quays Insurance"},
		number:    "box", subject: []string{"Your file %s", "Annual statement %s", "Final notice %s", "Renewal of contract %s"},
		greeting: "Dear Sir or Madam,", closing: "Yours faithfully,",
		sentences: []string{
			"We have received your request, for which we thank you.", "Your reference with our office is %s.",
			"The enclosed statement lists every transaction of the past year.", "Unless we hear from you within fifteen days, this statement stands as agreed.",
			"Document %s reached us unsigned; kindly return it completed.", "Our office is open from Monday to Friday, 9 a.m. to 4.30 p.m.",
			"The balance will be paid into the account you gave us.", "Please keep this letter: it serves as certificate number %s.",
			"A copy has been sent to your counsel.",
		},
		received: "RECEIVED", page: "Page %d of %d",
	}
}
