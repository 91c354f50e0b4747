-- What the rules ask for, in the schema that ends with the connection.

CREATE FUNCTION pg_temp.of_secret(said text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(current_setting('bonefit.chance') || ' ' || said, 'UTF8')), 'hex')
$$;

CREATE FUNCTION pg_temp.other_uid(uid uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT left(pg_temp.of_secret('uid ' || uid), 32)::uuid
$$;

-- One of some thousand names, by what it stands for.
CREATE FUNCTION pg_temp.person(whose text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    chance bytea := decode(pg_temp.of_secret('name ' || whose), 'hex');
    given text[] := ARRAY[
        'Agda', 'Alma', 'Anneke', 'Astrid', 'Berta', 'Birgit', 'Carla', 'Celia', 'Dagny',
        'Dora', 'Edda', 'Elin', 'Elvira', 'Esme', 'Fenna', 'Fiona', 'Greta', 'Hedda', 'Hilde',
        'Ida', 'Ilse', 'Inga', 'Iris', 'Jette', 'Johanna', 'Karin', 'Klara', 'Liv', 'Lotte',
        'Magda', 'Maren', 'Marit', 'Nora', 'Petra', 'Ragna', 'Rika', 'Runa', 'Selma',
        'Signe', 'Sofie', 'Thea', 'Tilda', 'Ulla', 'Vera', 'Wanda', 'Ylva'];
    family text[] := ARRAY[
        'Abel', 'Alder', 'Ash', 'Bakker', 'Barlow', 'Beck', 'Birch', 'Brandt', 'Brook', 'Carver',
        'Clay', 'Cole', 'Dahl', 'Dale', 'Drew', 'Elm', 'Falk', 'Fell', 'Ferrer', 'Field', 'Finch',
        'Ford', 'Frost', 'Garner', 'Glen', 'Gray', 'Hale', 'Hart', 'Heath', 'Hill', 'Holm', 'Hurst',
        'Ives', 'Jansen', 'Kade', 'Keller', 'Lake', 'Lange', 'Lund', 'Marsh', 'Meyer', 'Moor',
        'Nash', 'North', 'Oak', 'Pike', 'Pond', 'Quist', 'Reed', 'Ridge', 'Rowan', 'Sand', 'Shaw',
        'Stone', 'Strand', 'Thorn', 'Vale', 'Voss', 'Wade', 'Wells', 'West', 'Wick', 'Wood', 'Yates'];
BEGIN
    RETURN given[1 + get_byte(chance, 0) % cardinality(given)] || ' '
        || family[1 + get_byte(chance, 1) % cardinality(family)];
END
$$;

CREATE FUNCTION pg_temp.is_known(said text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_temp.known WHERE sum = md5(said)::uuid)
$$;

-- A word that is bonefit's own, else the same token for the same word, so that what was equal
-- still is.
CREATE FUNCTION pg_temp.worded(said text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_temp.known WHERE sum = md5(said)::uuid) THEN
        RETURN said;
    END IF;
    RETURN CASE WHEN said ~ '^\S{1,80}$' THEN 'x' || left(pg_temp.of_secret('code ' || said), 10)
        ELSE '–' END;
END
$$;

-- A text that stands where the program writes its own words. A day that is none does not stop it.
CREATE FUNCTION pg_temp.coded(said text, days int, months int, zone text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    day date;
    moment timestamp;
BEGIN
    IF said IS NULL OR said = '' THEN
        RETURN said;
    END IF;
    -- Numbers, times and days begin with a digit or a sign, and other uids are as long as all are:
    -- most words are none of them, and are looked up at once.
    IF ascii(said) > ascii('9') AND length(said) <> 36 THEN
        RETURN pg_temp.worded(said);
    END IF;
    IF said ~ '^[-+]?\d{1,6}([.]\d{1,6})?$'
        OR said ~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.]0+)?)?$' THEN
        RETURN said;
    END IF;
    IF said ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN
        RETURN pg_temp.other_uid(said::uuid)::text;
    END IF;
    IF said ~ '^(19|20)\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$' THEN
        day := (left(said, 7) || '-01')::date;
        IF length(said) = 7 THEN
            RETURN to_char(day - make_interval(months => months), 'YYYY-MM');
        END IF;
        RETURN (day + right(said, 2)::int - 1 - days)::text;
    END IF;
    IF said ~ ('^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d'
        '(:[0-5]\d([.]\d{1,6})?)?(Z|[-+](0\d|1[0-4]):[0-5]\d)?$') THEN
        day := (left(said, 7) || '-01')::date + substr(said, 9, 2)::int - 1;
        IF said ~ '(Z|[-+]\d\d:\d\d)$' THEN
            moment := (day || ' ' || substr(said, 12))::timestamptz AT TIME ZONE zone;
            RETURN to_char((moment - make_interval(days => days)) AT TIME ZONE zone AT TIME ZONE 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"');
        END IF;
        moment := (day || ' ' || substr(said, 12))::timestamp - make_interval(days => days);
        RETURN to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS');
    END IF;
    RETURN pg_temp.worded(said);
END
$$;

-- JSON as text, with each key and string of it as what it was coded to (``spelled``): one that
-- nobody coded is left out, and what is left is no JSON and stops all.
CREATE FUNCTION pg_temp.respelled(said jsonb, whose bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT string_agg(CASE WHEN p.piece[1] LIKE '"%' THEN (
            SELECT s.becomes FROM pg_temp.spelled s
            WHERE s.clinic = whose AND s.sum = md5(p.piece[1])::uuid
        ) ELSE p.piece[1] END, '' ORDER BY p.at)
        FROM regexp_matches(said::text, '"(?:[^"\\]|\\.)*"|[^"]+', 'g') WITH ORDINALITY p (piece, at)
    )::jsonb;
END
$$;
