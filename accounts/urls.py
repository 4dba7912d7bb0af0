from django.urls import path

from accounts.views import portfolio

app_name = "accounts"
urlpatterns = [
    path("accounts/", portfolio.account_list, name="account-list"),
]
