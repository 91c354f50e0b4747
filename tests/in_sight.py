"""What a test's own code sees: every clinic, so that it can lay out rows and look at them.

No product code sees by it. A request, a task and whatever is inside ``rows.nothing()`` begin with
nothing, as they do on a real site; only where a test calls a function straight does that see all.
"""

from __future__ import annotations

from bonefit.clinics import rows

#: There is no such clinic. Policies know what it stands for in a test's database only.
ALL = -1
EVERYTHING = rows.Sight(clinics=(ALL,))

#: As in the migrations, but for that one number.
POLICIES = rf"""
CREATE OR REPLACE FUNCTION seen_clinics() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE current_setting('bonefit.clinics', true)
        WHEN '{{{ALL}}}' THEN ARRAY(SELECT id FROM clinics_clinic)
        ELSE coalesce(nullif(current_setting('bonefit.clinics', true), ''), '{{}}')::bigint[]
    END
$$;
DO $$ DECLARE named regclass; nobodys text; BEGIN
    FOR named, nobodys IN
        SELECT polrelid, substring(pg_get_expr(polqual, polrelid) FROM 'OR \(clinic_id IS NULL\)')
        FROM pg_policy WHERE polname = 'one_clinic'
    LOOP
        EXECUTE format('ALTER POLICY one_clinic ON %s '
            'USING (clinic_id = ANY ((SELECT seen_clinics())::bigint[]) %s)', named, nobodys);
    END LOOP;
END $$;
"""


def see_everything() -> None:
    """From now on the code of this process's tests sees all, where nobody says otherwise."""
    rows.OUTSIDE = EVERYTHING
