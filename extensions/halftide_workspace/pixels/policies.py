"""What Chromium inside may do: managed policies, which no page and no key can change.

Promises: one address, that of the laboratory, and nothing else of the web or of the browser itself. Policies by their
names in Chromium's documentation; a new Chromium ignores a name that it no longer knows, so the network namespace and
the closed door are what holds, and these are for what people would stumble over.
"""

from typing import Any

_BLOCK, _NEVER = 2, 2


def policies(address: str) -> dict[str, Any]:
    """The managed policies of a browser whose only address is ``address`` (with its path)."""
    return {
        "URLBlocklist": ["*", "chrome://*", "devtools://*", "view-source:*", "file://*", "javascript://*", "data:*"],
        "URLAllowlist": [address],
        "HomepageLocation": address,
        "NewTabPageLocation": address,  # Ctrl+T shows the laboratory again instead of a blocked page
        "RestoreOnStartup": 4,
        "RestoreOnStartupURLs": [address],
        # nothing is saved, printed or chosen from a disk
        "DownloadRestrictions": 3,
        "PrintingEnabled": False,
        "AllowFileSelectionDialogs": False,
        "DefaultFileSystemReadGuardSetting": _BLOCK,
        "DefaultFileSystemWriteGuardSetting": _BLOCK,
        "ScreenCaptureAllowed": False,
        "AudioCaptureAllowed": False,
        "VideoCaptureAllowed": False,
        "DisableScreenshots": True,
        # no tools, no second browser in the browser
        "DeveloperToolsAvailability": 2,
        "IncognitoModeAvailability": 1,
        "BrowserGuestModeEnabled": False,
        "BrowserAddPersonEnabled": False,
        "TaskManagerEndProcessEnabled": False,
        "EditBookmarksEnabled": False,
        "ExtensionInstallBlocklist": ["*"],
        "DefaultPopupsSetting": _BLOCK,
        "DefaultNotificationsSetting": _BLOCK,
        "DefaultGeolocationSetting": _BLOCK,
        "DefaultSensorsSetting": _BLOCK,
        "DefaultWebUsbGuardSetting": _BLOCK,
        "DefaultWebBluetoothGuardSetting": _BLOCK,
        "DefaultSerialGuardSetting": _BLOCK,
        # nothing is remembered and nobody is called
        "PasswordManagerEnabled": False,
        "AutofillAddressEnabled": False,
        "AutofillCreditCardEnabled": False,
        "SavingBrowserHistoryDisabled": True,
        "SyncDisabled": True,
        "BrowserSignin": 0,
        "TranslateEnabled": False,
        "SpellCheckServiceEnabled": False,
        "SearchSuggestEnabled": False,
        "DefaultSearchProviderEnabled": False,
        "MetricsReportingEnabled": False,
        "SafeBrowsingProtectionLevel": 0,
        "NetworkPredictionOptions": _NEVER,
        "BackgroundModeEnabled": False,
        "ComponentUpdatesEnabled": False,
        "PromotionsEnabled": False,
        "DefaultBrowserSettingEnabled": False,
        "CommandLineFlagSecurityWarningsEnabled": False,
    }
