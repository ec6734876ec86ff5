"""What the app recorded of its own campaigns, in the tables of a version: from there indicators know of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import duckdb
import pandas as pd
import pyarrow as pa

_CAMPAIGNS = pa.schema(
    [
        *((name, pa.string()) for name in ("campaign_id", "name", "product_id", "channel")),
        ("starts_on", pa.date32()),
        ("cost_per_contact", pa.float64()),
    ]
)
_CONTACTS = pa.schema(
    [
        ("campaign_id", pa.string()),
        ("customer_id", pa.string()),
        ("contacted_at", pa.date32()),
        ("is_holdout", pa.bool_()),
        ("responded_at", pa.date32()),
    ]
)


RECORDED = ("campaigns", "contacts")  # the tables that the app adds rows to and takes them from


@dataclass(frozen=True)
class Recorded:
    """Rows of the contract's tables campaigns and contacts; moments are days."""

    campaigns: pd.DataFrame
    contacts: pd.DataFrame


# Gives the rows, from each customer's manager: customer_id, manager_id.
Outreach = Callable[[pd.DataFrame], Recorded]


def keep_recorded(con: duckdb.DuckDBPyConnection, outreach: Outreach, ours: Collection[str]) -> list[str]:
    """Put what the app recorded into a build whose customers are numbered; which campaigns of it are in now.

    ours : those that an earlier version had from the app, whose rows are written anew. A campaign that was
    loaded under the same id stays as it was loaded. Contacts of customers whom the bank does not have any more
    are left out.
    """
    told = outreach(con.execute("SELECT customer_id, manager_id FROM customers").to_arrow_table().to_pandas())
    con.execute("DELETE FROM contacts WHERE campaign_id IN (SELECT unnest(?::VARCHAR[]))", [list(ours)])
    con.execute("DELETE FROM campaigns WHERE campaign_id IN (SELECT unnest(?::VARCHAR[]))", [list(ours)])
    con.register("own_campaigns", pa.Table.from_pandas(told.campaigns, _CAMPAIGNS, preserve_index=False))
    con.register("own_contacts", pa.Table.from_pandas(told.contacts, _CONTACTS, preserve_index=False))
    con.execute("CREATE TEMP TABLE own AS FROM own_campaigns ANTI JOIN campaigns USING (campaign_id)")
    con.execute("INSERT INTO campaigns BY NAME FROM own")
    con.execute(
        """INSERT INTO contacts BY NAME
        SELECT own_contacts.*, customers.customer_no
        FROM own_contacts SEMI JOIN own USING (campaign_id) JOIN customers USING (customer_id)"""
    )
    kept = [str(row[0]) for row in con.execute("SELECT campaign_id FROM own ORDER BY 1").fetchall()]
    con.execute("DROP TABLE own")
    con.unregister("own_campaigns")
    con.unregister("own_contacts")
    return kept
