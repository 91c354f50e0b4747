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

-- A text that stands where the program writes its own words. A day that is none does not stop it.
CREATE FUNCTION pg_temp.coded(said text, days int, months int, zone text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    day date;
    moment timestamp;
BEGIN
    IF said IS NULL OR said = '' OR said ~ '^[-+]?\d{1,6}([.]\d{1,6})?$'
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
    IF pg_temp.is_known(said) THEN
        RETURN said;
    END IF;
    -- The same token for the same word, so that what was equal still is.
    RETURN CASE WHEN said ~ '^\S{1,80}$' THEN 'x' || left(pg_temp.of_secret('code ' || said), 10)
        ELSE '–' END;
END
$$;

CREATE FUNCTION pg_temp.cleaned(said jsonb, days int, months int, zone text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE jsonb_typeof(said)
    WHEN 'object' THEN
        RETURN (
            SELECT coalesce(jsonb_object_agg(
                pg_temp.coded(e.key, days, months, zone),
                pg_temp.cleaned(e.value, days, months, zone)), '{}')
            FROM jsonb_each(said) e
        );
    WHEN 'array' THEN
        RETURN (
            SELECT coalesce(jsonb_agg(
                pg_temp.cleaned(e.value, days, months, zone) ORDER BY e.at), '[]')
            FROM jsonb_array_elements(said) WITH ORDINALITY e (value, at)
        );
    WHEN 'string' THEN
        RETURN to_jsonb(pg_temp.coded(said #>> '{}', days, months, zone));
    ELSE
        RETURN said;
    END CASE;
END
$$;
