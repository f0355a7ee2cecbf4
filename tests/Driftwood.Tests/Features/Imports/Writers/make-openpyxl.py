"""Writes openpyxl.xlsx from table.csv. Cells in quotes are text; the others are numbers, booleans, dates or blank."""
import datetime
import re
from openpyxl import Workbook

CELL = re.compile(r'("(?:[^"]|"")*"|[^,\n]*)([,\n])')


def value_of(cell):
    if cell.startswith('"'):
        return cell[1:-1].replace('""', '"')
    if cell in ('', 'TRUE', 'FALSE'):
        return {'': None, 'TRUE': True, 'FALSE': False}[cell]
    if re.match(r'\d{4}-', cell):
        return datetime.datetime.fromisoformat(cell)
    return float(cell) if '.' in cell else int(cell)


sheet = (workbook := Workbook()).active
row, column = 1, 1
with open('table.csv', encoding='utf-8', newline='') as table:
    for cell, end in CELL.findall(table.read()):
        value = value_of(cell) if row > 1 else cell
        target = sheet.cell(row, column)
        target.value = value
        if isinstance(value, str):
            target.data_type = 's'
        row, column = (row + 1, 1) if end == '\n' else (row, column + 1)
workbook.save('openpyxl.xlsx')
