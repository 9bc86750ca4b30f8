"""All faults, in the order of the report."""

from tests.faults.database_faults import DATABASE_FAULTS
from tests.faults.file_faults import FILE_FAULTS
from tests.faults.migration_faults import MIGRATION_FAULTS
from tests.faults.neighbour_faults import NEIGHBOUR_FAULTS
from tests.faults.process_faults import PROCESS_FAULTS

FAULTS = (*DATABASE_FAULTS, *FILE_FAULTS, *PROCESS_FAULTS, *NEIGHBOUR_FAULTS, *MIGRATION_FAULTS)
