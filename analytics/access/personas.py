"""The people who stand in for sign-in at the synthetic bank, and only there."""

from dataclasses import dataclass

from analytics.translation import mark as _


@dataclass(frozen=True)
class Persona:
    """A demonstration user. `employee_id` and `unit_id` name rows that the demo bank always has."""

    email: str
    name: str
    label: str
    role: str
    level: str
    employee_id: str | None = None
    unit_id: str | None = None
    columns: str = ""
    may_export: bool = False


PERSONAS = (
    Persona(
        "li.wei@demo.example", "Li Wei 李伟", _("Relationship manager"), "relationship_manager", "own",
        employee_id="E0001", columns="pii,profit", may_export=True,
    ),
    Persona(
        "wang.fang@demo.example", "Wang Fang 王芳", _("Branch manager"), "manager", "branch",
        employee_id="E0002", unit_id="B011", columns="pii,profit", may_export=True,
    ),
    Persona(
        "chen.jing@demo.example", "Chen Jing 陈静", _("Head-office analyst"), "analyst", "bank",
        employee_id="E0003", columns="profit",
    ),
    Persona(
        "zhao.min@demo.example", "Zhao Min 赵敏", _("Back-office officer"), "back_office", "bank",
        employee_id="E0004", columns="profit",
    ),
    Persona(
        "sun.tao@demo.example", "Sun Tao 孙涛", _("Data steward"), "steward", "bank",
        employee_id="E0005",
    ),
    Persona(
        "he.lin@demo.example", "He Lin 何琳", _("Second data steward"), "steward", "bank",
        employee_id="E0006",
    ),
    Persona(
        "gao.yuan@demo.example", "Gao Yuan 高远", _("Auditor"), "auditor", "bank",
        employee_id="E0007",
    ),
)  # fmt: skip
