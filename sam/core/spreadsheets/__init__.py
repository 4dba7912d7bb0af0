"""The one door to table files: `read_table`, `write_csv`, `write_xlsx`. Nobody else imports a spreadsheet library."""

from sam.core.spreadsheets.reading import read_table
from sam.core.spreadsheets.table import DEFAULT, CellProblem, Limits, Table
from sam.core.spreadsheets.writing import write_csv, write_xlsx

__all__ = ["DEFAULT", "CellProblem", "Limits", "Table", "read_table", "write_csv", "write_xlsx"]
