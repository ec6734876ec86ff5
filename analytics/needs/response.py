"""Response: the probability that a customer who is contacted answers, learnt from contacts and their answers.

For any table of facts that were known before the contact; its columns may be numbers, labels, and empty. Boosted trees
(scikit-learn's histogram gradient boosting; Friedman 2001) on the log loss, which is least where probabilities are
what comes; judged on contacts that were not learnt from, drawn at random from all dates.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from analytics.errors import NotEnoughData
from analytics.formats import number
from analytics.needs.backtest import calibration
from analytics.translation import translate as _

FOLDS = 5
FEWEST = 50  # answers, and as many contacts without one
MOST_LABELS = 100  # of a column; the others count as one


@dataclass(frozen=True)
class Response:
    """What is known of who answers.

    auc : area under the ROC curve of customers that were not learnt from, the mean of `auc_folds`. brier : mean squared
    error of their probabilities, brier_share that of the share of answers. calibration : as `backtest.calibration`.
    model : learnt from all of them; ask `probability`.
    """

    contacts: int
    answers: int
    auc: float
    auc_folds: tuple[float, ...]
    brier: float
    brier_share: float
    calibration: pd.DataFrame
    model: Any
    kinds: "pd.Series[Any]"

    def probability(self, facts: pd.DataFrame) -> NDArray[np.float64]:
        """Of customers with the same facts, in the columns that were learnt from; shape (n_customers,)."""
        rows = facts[list(self.kinds.index)].copy()
        for name, kind in self.kinds.items():
            if isinstance(kind, pd.CategoricalDtype):  # a label that was never seen is as good as none
                labels = rows[name].astype("str")
                rows[name] = labels.where(labels.isin(kind.categories)).astype(kind)
            else:
                rows[name] = rows[name].astype(kind)
        found: NDArray[np.float64] = self.model.predict_proba(rows)[:, 1]
        return found


def response(facts: pd.DataFrame, answered: "pd.Series[bool]", *, seed: int = 1) -> Response:
    """Learn who answers, and judge it by cross-validation.

    facts : one row a contact. answered : of the same contacts. Raises NotEnoughData below FEWEST of either outcome.
    """
    did = np.asarray(answered, dtype=bool)
    if min(did.sum(), (~did).sum()) < FEWEST:
        raise NotEnoughData(
            _("{answers} of {n} contacts were answered; a model needs {fewest} of either outcome.").format(
                answers=number(did.sum()), n=number(len(did)), fewest=FEWEST
            ),
            _("Wait for more answers."),
        )
    rows = _prepared(facts)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    with threadpool_limits(limits=1):
        said = cross_val_predict(_model(seed), rows, did, cv=folds, method="predict_proba")[:, 1]
        model = _model(seed).fit(rows, did)
    areas = tuple(float(roc_auc_score(did[test], said[test])) for _train, test in folds.split(rows, did))
    return Response(
        contacts=len(did), answers=int(did.sum()), auc=float(np.mean(areas)), auc_folds=areas,
        brier=float(np.mean((said - did) ** 2)), brier_share=float(did.mean() * (1 - did.mean())),
        calibration=calibration(said, did), model=model, kinds=rows.dtypes,
    )  # fmt: skip


def _prepared(facts: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are, everything else as labels, of which the rarest of a long list count as one."""
    columns: dict[str, Any] = {}
    for name, column in facts.items():
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.astype("float64")
            continue
        labels = column.astype("str").where(column.notna())
        usual = labels.value_counts().sort_index().nlargest(MOST_LABELS).index
        columns[str(name)] = labels.where(labels.isin(usual)).astype(pd.CategoricalDtype(sorted(usual)))
    return pd.DataFrame(columns)


def _model(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=0.08, max_iter=100, max_leaf_nodes=15, l2_regularization=1.0, min_samples_leaf=40,
        categorical_features="from_dtype", early_stopping=False, random_state=seed,
    )  # fmt: skip
