"""Request kinds: what is slow, what is work, what is done alone, and what nobody asked for."""

from __future__ import annotations

from app import protocol

SLOW = (
    protocol.FindProposals,
    protocol.Ask,
    protocol.Study,
    protocol.Unlock,
    protocol.UseModel,
    protocol.Doctor,
    protocol.Forget,
    protocol.Verify,
    protocol.Rollback,
    protocol.ExportAdapter,
    protocol.ImportAdapter,
    protocol.Reset,
    protocol.Teach,
    protocol.ForgetDocument,
    protocol.Search,
    protocol.UnwatchFolder,
    protocol.VerifyDocument,
    protocol.MakeNotes,
    protocol.MakeSummaries,
    protocol.GetStorage,
    protocol.SetNight,
    protocol.PauseNight,
    protocol.BackUp,
    protocol.Restore,
)
"""What is answered on a thread of its own."""

WORK = (
    protocol.Ask,
    protocol.Study,
    protocol.ImportAdapter,
    protocol.Verify,
    protocol.VerifyDocument,
    protocol.MakeNotes,
    protocol.MakeSummaries,
    protocol.BackUp,
)
"""What may take long, so that the night waits for its end."""

ALONE = (
    protocol.Study,
    protocol.ImportAdapter,
    protocol.Verify,
    protocol.UseModel,
    protocol.MakeNotes,
    protocol.MakeSummaries,
    protocol.BackUp,
    protocol.Restore,
)
"""What cannot be done beside the work of the night, and is wanted more."""

UNASKED = (
    protocol.Hello,
    protocol.GetStatus,
    protocol.ListConversations,
    protocol.GetConversation,
    protocol.ListLessons,
    protocol.ListProposals,
    protocol.LastReport,
    protocol.ListReports,
    protocol.GetMorning,
    protocol.ListAdapters,
    protocol.ListForgotten,
    protocol.ListDocuments,
    protocol.GetDocument,
    protocol.GetNotes,
    protocol.ListFolders,
    protocol.GetStorage,
    protocol.ListDesktops,
    protocol.GetAutostart,
    protocol.Doctor,
    protocol.ListModels,
    protocol.GetNight,
)
"""What a window reads by itself; everything else tells that the person is there."""
